// Every exchange against the embedded server and real Faktory in the same run: a difference is a failing test.
import { startEmbedded, startReal } from './subjects.ts';
import { testExchanges } from './suite.ts';

testExchanges((options) => Promise.all([startEmbedded(options), startReal(options)]));

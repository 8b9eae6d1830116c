// The exchanges against the embedded server alone, on every machine; *.conformance.test.ts lays real Faktory beside it.
import { startEmbedded } from './subjects.ts';
import { testExchanges } from './suite.ts';

testExchanges(async (options) => [await startEmbedded(options)]);

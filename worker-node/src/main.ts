// The program that runs a worker.

import { main } from './part.ts';

process.exitCode = await main(process.argv.slice(2));

// The program `dist/health.js URL|FILE`: ends with 0 when the part there is well, else with 1 and a sentence why.

import { ailment } from './health-check.ts';

const found = await ailment(process.argv[2] ?? '');
if (found !== null) process.stdout.write(`${found}\n`);
process.exit(found === null ? 0 : 1);

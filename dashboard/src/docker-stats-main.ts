// The program `dist/docker-stats.js`.

import { main } from './docker-stats.ts';

process.exitCode = await main(process.argv.slice(2));

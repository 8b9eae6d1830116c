// The program behind `jobstorm server`, as it stands in dist/.

import { main } from './command.ts';

process.exitCode = await main(process.argv.slice(2));

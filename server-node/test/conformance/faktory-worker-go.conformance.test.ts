import { join } from 'node:path';
import { test } from 'node:test';
import { clientsDir, compareRounds, type ForeignClient, lastLine, run } from './foreign-client.ts';

const cwd = join(clientsDir, 'go');
const queue = 'go-round';
let program = '';

const goClients: ForeignClient = {
  async prepare(dir) {
    const version = await run('go', ['version'], { cwd });
    if (version.code === null) return { missing: `there is no go here (${version.stderr})` };
    const fetched = await run('go', ['mod', 'download'], { cwd });
    if (fetched.code !== 0) return { missing: `go can't get the modules: ${lastLine(fetched.stderr)}` };
    program = join(dir, 'round');
    const built = await run('go', ['build', '-mod=readonly', '-o', program, '.'], { cwd });
    if (built.code !== 0) throw new Error(`go build failed: ${built.stderr}`);
    return 'ready';
  },
  play: (url) => run(program, [], { env: { FAKTORY_URL: url } }),
  expected: {
    rejected: ['cannot get "no way" queue: queue names must match \\A[a-zA-Z0-9._-]+\\z'],
    sums: [3, 7, 11],
    runs: [-1, 0],
    custom: 'kept',
    errtypes: ['the first time never works'],
    beat: '',
    quiet: '{"state":"quiet"}',
    refusal: 'ERR jobs must have a reasonable jid parameter',
    left: { [queue]: 0, dead: 0, retries: 0, scheduled: 0, working: 0 },
    counts: [6, 2],
    workers: 2,
    byHand: [{ k: 'ä' }],
    empty: true,
  },
};

test("Go's faktory_worker_go and Faktory's own client see the same on both servers", (t) =>
  compareRounds(t, goClients));

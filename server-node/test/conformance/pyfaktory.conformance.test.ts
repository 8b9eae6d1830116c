import { join } from 'node:path';
import { test } from 'node:test';
import { clientsDir, compareRounds, type ForeignClient, lastLine, run } from './foreign-client.ts';

const version = '0.2.13';
const queue = 'pyfaktory-round';
let python = '';

const pyfaktory: ForeignClient = {
  async prepare(dir) {
    const venv = await run('python3', ['-m', 'venv', join(dir, 'venv')]);
    if (venv.code === null) return { missing: `there is no python3 here (${venv.stderr})` };
    if (venv.code !== 0)
      return { missing: `python3 can't make a venv: ${lastLine(venv.stdout)} (Debian: apt install python3-venv)` };
    python = join(dir, 'venv/bin/python');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `pyfaktory==${version}`];
    const installed = await run(python, pip);
    return installed.code === 0 ? 'ready' : { missing: `pip can't install pyfaktory: ${lastLine(installed.stderr)}` };
  },
  play: (url, dir) => run(python, [join(clientsDir, 'pyfaktory_round.py'), url, dir]),
  expected: {
    rejected: ['cannot get "no way" queue: queue names must match \\A[a-zA-Z0-9._-]+\\z'],
    requeued: true,
    runs: 2,
    sums: [3, 7, 11],
    job: [[{ k: 'ä' }], { c: 1 }, 0, 'KeyError', 'no such key', ['a', 'b']],
    acknowledged: true,
    left: { [queue]: 0, dead: 0, retries: 0, scheduled: 0, working: 0 },
    counts: [7, 2],
    refusal: 'Error received from Faktory server: -ERR jobs must have a reasonable jid parameter',
    flushed: true,
  },
};

test('pyfaktory sees the same on both servers', (t) => compareRounds(t, pyfaktory));

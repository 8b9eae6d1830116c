import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAlive } from '@jobstorm/testkit';
import { blankEnv, startLocalServer } from '../src/local-server.ts';
import { Nest } from '../src/nest.ts';

const longerThanTheTestMs = 3_600_000;

test('once the server is gone nobody is waited for that does not end', async (t) => {
  const nest = new Nest();
  t.after(() => nest.kill());
  const server = await startLocalServer(nest);
  const url = String((await server.ready).url);
  const api = await nest.start('api', ['--listen', '127.0.0.1:0'], { ...blankEnv, FAKTORY_URL: url });
  process.kill(api.pid, 'SIGSTOP'); // it hears no SIGTERM
  await nest.stopTogether(longerThanTheTestMs, 0);
  assert.deepEqual(
    [server, api].map(({ pid }) => isAlive(pid)),
    [false, false],
  );
  assert.deepEqual(nest.unexpectedEnds(), []);
});

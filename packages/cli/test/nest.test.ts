import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
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

test('parts of a local cluster take from .env what is not blanked for them, and no secret', async (t) => {
  const home = process.cwd();
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-nest-'));
  const nest = new Nest();
  t.after(() => {
    process.chdir(home);
    nest.kill();
    rmSync(dir, { recursive: true, force: true });
  });
  writeFileSync(join(dir, '.env'), 'FAKTORY_PASSWORD=sesame\nBATCH_MAX_SIZE=lots\n');
  process.chdir(dir);
  const server = await startLocalServer(nest);
  const address = parseServerUrl(String((await server.ready).url));
  const client = await Client.connect({ address }); // it asks for no password
  await client.close();
  await assert.rejects(nest.start('api', ['--listen', '127.0.0.1:0'], blankEnv), /BATCH_MAX_SIZE: got "lots"/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { descendants, until } from '@jobstorm/testkit';
import { runCli, startCli } from './run-cli.ts';

const patient = { timeoutMs: 60_000 };

test('settings of a worker and an api-service that run: shown, changed, refused; jobs of the new queue are done', async (t) => {
  const before = descendants();
  const server = await startServer({ host: '127.0.0.1', port: 0, password: null });
  const room = await startControlRoom({ host: '127.0.0.1', port: 0, token: 'secret' });
  const control = room.url.replace('http', 'ws');
  const env = { JOBSTORM_TOKEN: 'secret', JOBSTORM_CONTROL: control };
  const common = ['--url', server.url];
  const worker = startCli(['worker', '7', '1', ...common], env);
  const api = startCli(['api', '--listen', '127.0.0.1:0', ...common], env);
  const client = await Client.connect({ address: parseServerUrl(server.url) });
  t.after(async () => {
    for (const { child } of [worker, api]) child.kill('SIGKILL');
    await Promise.all([client.close(), room.close(), server.close()]);
  });
  await until('both to report', () => room.room.workers().length === 1 && room.room.apis().length === 1, patient);

  const set = (...words: string[]) => runCli(['set', ...words], env);
  const changed = await set('worker', 'slots=24', 'queues=other:3,jobstorm');
  assert.equal(changed.code, 0, changed.stderr);
  assert.match(changed.stdout, /^worker on \S+: slots=24 processes=1 prefetch=0 queues=other:3,jobstorm\n$/);
  await until('the slots', () => room.room.workers()[0]?.state.slots.total === 24, patient);
  await client.push({ jid: 'set-other', jobtype: 'add', args: [1, 2], queue: 'other' });
  await until('the job of the new queue', () => server.info().faktory.total_processed === 1, patient);

  const [refused, mistaken, apiChanged, stranger] = await Promise.all([
    set('worker', 'processes=1000'),
    set('worker', 'slotz=1', 'slots=x'),
    set('api', 'batch-max-size=7'),
    runCli(['set', 'worker', 'slots=1'], { ...env, JOBSTORM_TOKEN: 'wrong' }),
  ]);
  assert.equal(refused.code, 104);
  assert.match(
    refused.stdout,
    /refused: processes: got 1000, expected 1 to \d+, as there are cores; as before: slots=24 /,
  );
  assert.equal(mistaken.code, 104);
  assert.equal(mistaken.stderr.trim().split('\n').length, 2);
  assert.match(
    apiChanged.stdout,
    /^api on \S+: batch-max-size=7 batch-max-delay-ms=100 batch-auto=true batch-adaptive=true\n$/,
  );
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /answered 401/);

  for (const { child, ended } of [worker, api]) {
    child.kill('SIGTERM');
    assert.equal((await ended).code, 0);
  }
  assert.match((await set('worker')).stdout, /^no worker reports to the control room at /);
  await until('its processes to be gone', () => descendants().length === before.length, { timeoutMs: 30_000 });
});

test('without a part it says what it expects', async () => {
  const { code, stderr } = await runCli(['set', 'slots=5']);
  assert.equal(code, 104);
  assert.match(stderr, /^jobstorm set: expected worker or api, got "slots=5"; -h says more\n$/);
});

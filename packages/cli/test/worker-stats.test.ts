import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { descendants, freePort, until } from '@jobstorm/testkit';
import type { CurrentCluster } from '../src/current.ts';
import { roomOf } from '../src/room-choice.ts';
import { runCli, startCli } from './run-cli.ts';

const current: CurrentCluster = {
  url: 'tcp://192.0.2.1:7419',
  api: null,
  control: 'http://192.0.2.1:8460',
  startedAt: '2026-01-01T00:00:00Z',
  by: 'worker',
  engine: 'docker',
};

test('which control room: the one named, the one at the named server, the one in use', () => {
  const named = { control: 'http://192.0.2.9:1', url: 'tcp://192.0.2.1:7419' };
  assert.equal(roomOf(named, current), 'http://192.0.2.9:1');
  assert.equal(roomOf({ control: null, url: 'tcp://192.0.2.7:7419' }, current), 'http://192.0.2.7:7460');
  assert.equal(roomOf({ control: null, url: 'tcp://[::1]:7419' }, null), 'http://[::1]:7460');
  assert.equal(roomOf({ control: null, url: 'tcp://192.0.2.1:7419' }, current), 'http://192.0.2.1:8460');
  assert.equal(roomOf({ control: null, url: null }, current), 'http://192.0.2.1:8460');
  assert.equal(roomOf({ control: null, url: null }, null), null);
});

test('a worker at work, seen once and watched until ctrl-C', async (t) => {
  const before = descendants();
  const server = await startServer({ host: '127.0.0.1', port: 0, password: null });
  const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
  const control = room.url.replace('http', 'ws');
  const none = await runCli(['worker-stats', '--control', control]);
  assert.equal(none.code, 1);
  assert.match(
    none.stdout,
    /no worker reports to the control room at http:\/\/127\.0\.0\.1:\d+: `just worker` starts one/,
  );

  const worker = startCli(['worker', '7', '1', '--url', server.url, '--control', control]);
  t.after(() => worker.child.kill('SIGKILL'));
  await until('the worker to report', () => room.room.workers().length === 1, { timeoutMs: 60_000 });
  const client = await Client.connect({ address: parseServerUrl(server.url) });
  const jobs = Array.from({ length: 7 }, (_, i) => ({
    jid: `worker-stats-${i}`,
    jobtype: 'sleep',
    args: [60_000],
    queue: 'jobstorm',
  }));
  await client.pushBulk(jobs);
  await until('all slots to be busy', () => room.room.workers()[0]?.state.slots.running === 7, { timeoutMs: 30_000 });

  const { code, stdout, stderr } = await runCli(['worker-stats', '--control', control]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^worker +completed +failed +slots busy +connections +cores +of +% +throttled +memory\n/);
  assert.match(stdout, /\n\S+ pid \d+ +0\.0\/s +0\.0\/s +7\/7 +\d+ +0\.\d\d +1 +\d+ +(-|\d+%) +\d+ MiB\n$/);

  const watching = startCli(['worker-stats', '--watch', '--control', control]);
  t.after(() => watching.child.kill('SIGKILL'));
  await until('two looks', () => watching.stdout().split('slots busy').length > 2, { timeoutMs: 60_000 });
  watching.child.kill('SIGINT');
  assert.equal((await watching.ended).code, 0);

  worker.child.kill('SIGKILL');
  await worker.ended;
  await client.close();
  await room.close();
  await server.close();
  await until('its processes to be gone', () => descendants().length === before.length, { timeoutMs: 30_000 });
});

test('a control room that does not answer is named, and so is a bad one', async () => {
  const port = await freePort();
  const { code, stderr } = await runCli(['worker-stats', '--control', `ws://127.0.0.1:${port}`]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`no control room answers at http://127\\.0\\.0\\.1:${port}`));
  assert.equal((await runCli(['worker-stats', '--control', 'tcp://x'])).code, 104);
});

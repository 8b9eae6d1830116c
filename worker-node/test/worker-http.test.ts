// `jobstorm worker --metrics` as its user sees it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, until } from '@jobstorm/testkit';
import { spawnWorker, withWorker } from './child-worker.ts';
import { withServer } from './worker-rig.ts';

const patient = { timeoutMs: 30_000, intervalMs: 20 };

test('a worker serves its metrics and its health, from JOBSTORM_METRICS too', async () => {
  await withServer(async ({ server, push, counts }) => {
    const env = { JOBSTORM_METRICS: '127.0.0.1:0', JOBSTORM_TOKEN: 'a-token' };
    await withWorker(
      ['20', '1', '--url', server.url],
      async ({ child, exit, output }) => {
        const url = /metrics at (http:\S+)\/metrics/.exec(output())![1]!;
        await push('add', [1, 2]);
        await until('the job to be done', () => counts().processed === 1, patient);
        const ask = async () =>
          (await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer a-token' } })).text();
        await until('it to be counted', async () => /jobs_completed_total 1$/m.test(await ask()), patient);
        assert.match(await ask(), /^jobstorm_worker_slots 20$/m);
        const health = await fetch(`${url}/health`);
        assert.equal(health.status, 200);
        const { name, part, connected, processes, slots } = (await health.json()) as Record<string, unknown>;
        assert.deepEqual([name, part, connected, processes], ['jobstorm', 'worker', true, 1]);
        assert.deepEqual(slots, { total: 20, running: 0 });
        assert.doesNotMatch(output(), /a-token/);
        child.kill('SIGTERM');
        assert.equal(await exit, 0);
      },
      env,
    );
  });
});

test('while the job server is away its health is 503', async () => {
  await withServer(async ({ server }) => {
    await withWorker(['20', '1', '--url', server.url, '--metrics', '127.0.0.1:0'], async ({ output }) => {
      const url = /metrics at (http:\S+)\/metrics/.exec(output())![1]!;
      assert.equal((await fetch(`${url}/health`)).status, 200);
      await server.close();
      await until('it to be noticed', async () => (await fetch(`${url}/health`)).status === 503, patient);
    });
  });
});

test('beyond loopback it needs a token', async () => {
  const worker = spawnWorker(['10', '1', '--metrics', `0.0.0.0:${await freePort()}`]);
  try {
    assert.equal(await worker.exit, 104);
    assert.match(worker.output(), /--metrics 0\.0\.0\.0:\d+ can be reached from other machines: set JOBSTORM_TOKEN/);
  } finally {
    worker.kill();
  }
});

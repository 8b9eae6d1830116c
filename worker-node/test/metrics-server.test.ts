import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchLeaks } from '@jobstorm/testkit';
import { MetricsServer, type WorkerHealth } from '../src/metrics-server.ts';

const health: WorkerHealth = {
  name: 'jobstorm',
  part: 'worker',
  version: 'test',
  connected: true,
  processes: 2,
  slots: { total: 10, running: 3 },
};

async function withMetrics(
  more: { tokens?: string[]; connected?: boolean },
  check: (url: string) => Promise<void>,
): Promise<void> {
  const leaks = watchLeaks();
  const server = await MetricsServer.start({
    listen: { host: '127.0.0.1', port: 0 },
    tokens: more.tokens ?? [],
    health: () => ({ ...health, connected: more.connected ?? true }),
    metrics: async () => ({ contentType: 'text/plain', text: 'jobstorm_worker_slots 10\n' }),
  });
  try {
    await check(server.url);
  } finally {
    await server.close();
  }
  await leaks.settle();
}

const get = (url: string, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { connection: 'close', ...init.headers } });

test('health says how it is, with 503 while no process is connected', async () => {
  await withMetrics({}, async (url) => {
    const answer = await get(`${url}/health`);
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), health);
  });
  await withMetrics({ connected: false }, async (url) => {
    const answer = await get(`${url}/health?x=1`);
    assert.equal(answer.status, 503);
    assert.equal(((await answer.json()) as WorkerHealth).connected, false);
  });
});

test('metrics are text; anything else is refused', async () => {
  await withMetrics({}, async (url) => {
    assert.equal(await (await get(`${url}/metrics`)).text(), 'jobstorm_worker_slots 10\n');
    assert.equal((await get(`${url}/nosuch`)).status, 404);
    assert.equal((await get(`${url}/metrics`, { method: 'POST', body: 'x' })).status, 405);
  });
});

test('with tokens, metrics are for those who have one; health is for all', async () => {
  await withMetrics({ tokens: ['one-secret', 'other-secret'] }, async (url) => {
    const status = async (authorization?: string) =>
      (await get(`${url}/metrics`, authorization === undefined ? {} : { headers: { authorization } })).status;
    assert.equal(await status(), 401);
    assert.equal(await status('Bearer wrong'), 401);
    assert.equal(await status('one-secret'), 401);
    assert.equal(await status('Bearer one-secret'), 200);
    assert.equal(await status('Bearer other-secret'), 200);
    assert.equal((await get(`${url}/health`)).status, 200);
  });
});

test('a port that is taken is said', async () => {
  await withMetrics({}, async (url) => {
    const listen = { host: '127.0.0.1', port: Number(new URL(url).port) };
    await assert.rejects(
      MetricsServer.start({ listen, tokens: [], health: () => health, metrics: async () => assert.fail() }),
      { code: 'EADDRINUSE', message: /can't serve metrics on 127\.0\.0\.1:\d+: .* is taken by another program/ },
    );
  });
});

// Networks between a worker and its job server that break in every way: in the end every job is done. The server's clock is moved by
// hand, so that reservations end without waiting.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { FaultProxy, freePort, until } from '@jobstorm/testkit';
import type { Engine } from '../src/engine.ts';
import { spawnWorker } from './child-worker.ts';
import { completed, handClock, patient, untilDone } from './trouble.ts';
import { pushMany, type Rig, withServer } from './worker-rig.ts';

const total = 2000;

/** A worker behind a proxy with `total` jobs of 5 ms, and all of them done in the end, some perhaps twice. */
async function throughProxy(trouble: (proxy: FaultProxy, worker: Engine, rig: Rig) => Promise<void>): Promise<void> {
  const clock = handClock();
  await withServer(
    async (rig) => {
      const { server, client, start, counts } = rig;
      const proxy = await FaultProxy.start(server);
      try {
        const address = { ...parseServerUrl(server.url), port: proxy.port };
        const worker = await start({ address, slots: 50, silenceMs: 2500 });
        await pushMany(client, total, 'sleep', [5], 5);
        await until('some to be done', () => counts().processed > 100, patient);
        await trouble(proxy, worker, rig);
        const settled = () => counts().queued === 0 && worker.status().slots.running === 0;
        await until('the queue to be empty', settled, patient);
        await untilDone(clock, () => counts().processed - counts().failures === total);
        assert.ok(completed(worker) > total - 150, 'those whose ACK went astray, and no more, were counted elsewhere');
        await worker.stop();
      } finally {
        await proxy.close();
      }
    },
    { server: { clock } },
  );
}

test('connections that are reset again and again', async () => {
  await throughProxy(async (proxy, worker) => {
    for (let round = 0; round < 3; round++) {
      const before = completed(worker);
      proxy.reset();
      await until('work again', () => completed(worker) > before + 50, patient);
    }
  });
});

test('a server that refuses connections for a while', async () => {
  await throughProxy(async (proxy, worker) => {
    proxy.refusing = true;
    proxy.reset();
    await until('it to be noticed', () => !worker.status().connected, patient);
    proxy.refusing = false;
    await until('it to be back', () => worker.status().connected, patient);
  });
});

for (const side of ['client', 'target'] as const) {
  const what = side === 'client' ? 'nothing of what it writes is read' : 'nothing of what the server writes arrives';
  test(`a network that stalls: ${what}`, async () => {
    await throughProxy(async (proxy, worker) => {
      proxy.stall(side);
      await until('it to be noticed', () => !worker.status().connected, patient);
      proxy.heal();
      const before = completed(worker);
      await until('work again', () => completed(worker) > before + 50, patient);
    });
  });
}

test('half-open connections: the server has gone without a word while nothing was to do', async () => {
  const clock = handClock();
  await withServer(
    async ({ server, client, start, counts }) => {
      const proxy = await FaultProxy.start(server);
      try {
        const address = { ...parseServerUrl(server.url), port: proxy.port };
        const worker = await start({ address, silenceMs: 2500 });
        // Those that are open stay dark to their end, and only new ones are whole.
        proxy.blackhole();
        proxy.heal();
        await pushMany(client, 20, 'noop', [], 5);
        // FETCHes from before may take some into the dark.
        await until('the queue to be empty', () => counts().queued === 0, patient);
        await untilDone(clock, () => counts().processed - counts().failures === 20);
        await worker.stop();
      } finally {
        await proxy.close();
      }
    },
    { server: { clock } },
  );
});

test('a server with no connection left is named at the start, in one sentence', async () => {
  const port = await freePort();
  const server = await startServer({ host: '127.0.0.1', port, maxConnections: 1 });
  const client = await Client.connect({ address: parseServerUrl(server.url) });
  const worker = spawnWorker(['10', '1', '--url', server.url]);
  try {
    assert.equal(await worker.exit, 1);
    assert.match(worker.output(), /^jobstorm worker: .*connection/m);
    assert.doesNotMatch(worker.output(), /^ {4}at /m, 'no stack');
  } finally {
    worker.kill();
    await client.close();
    await server.close();
  }
});

// What goes wrong between a worker and its job server: in the end every job is done. The server's clock is moved by hand, so that
// reservations end and retries fall due without waiting.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { FakeServer, FaultProxy, until } from '@jobstorm/testkit';
import { Worker } from '../src/worker.ts';
import { completed, handClock, idle, patient, untilDone } from './trouble.ts';
import { countsOf, pushMany, withServer, workerOptions } from './worker-rig.ts';

test('a partition that swallows everything: it is noticed, and once it is healed all is done and nothing lost', async () => {
  const clock = handClock();
  await withServer(
    async ({ server, client, start, counts }) => {
      const proxy = await FaultProxy.start(server);
      const address = { ...parseServerUrl(server.url), port: proxy.port };
      const worker = await start({ address, slots: 50, silenceMs: 2500 });
      const total = 3000;
      await pushMany(client, total, 'sleep', [5], 5);
      await until('some to be done', () => counts().processed > 200, patient);
      proxy.blackhole();
      await until('it to be noticed', () => !worker.snapshot(false).connected, patient);
      const before = completed(worker);
      assert.ok(before < total, 'it was cut off in mid-run');
      proxy.heal();
      await until('full work again', () => completed(worker) > before + 100, patient);
      await until('the queue to be empty', () => counts().queued === 0 && idle(worker), patient);
      // What the server handed out into the darkness comes back when its reservation ends.
      const done = () => counts().processed - counts().failures === total;
      await untilDone(clock, done);
      assert.ok(counts().failures <= 50 + 64, `${counts().failures} came back`);
      await worker.stop();
      await proxy.close();
    },
    { server: { clock } },
  );
});

test('a server that is restarted gets the answers it is owed, and every job is done', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobstorm-restart-'));
  const clock = handClock();
  const data = { folder, fsync: 'never', say: () => {} } as const;
  let server = await startServer({ host: '127.0.0.1', port: 0, clock, data });
  const { port, url } = server;
  const worker = new Worker(workerOptions(url, { slots: 50 }));
  try {
    await worker.start();
    let client = await Client.connect({ address: parseServerUrl(url) });
    const total = 3000;
    await pushMany(client, total, 'sleep', [5], 5);
    for (let round = 0; round < 2; round++) {
      const before = completed(worker);
      await until('some to be done', () => completed(worker) > before + 200, patient);
      await client.close().catch(() => {});
      await server.close();
      server = await startServer({ host: '127.0.0.1', port, clock, data });
      client = await Client.connect({ address: parseServerUrl(url) });
    }
    await until('the queue to be empty', () => countsOf(server).queued === 0 && idle(worker), patient);
    await untilDone(clock, () => completed(worker) === total);
    await worker.stop();
    assert.deepEqual([countsOf(server).queued, countsOf(server).working], [0, 0]);
    await client.close();
  } finally {
    await worker.stop();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

test('a password that is changed is said, and when it is the old one again all goes on', async () => {
  let server = await startServer({ host: '127.0.0.1', port: 0 });
  const { port, url } = server;
  const logs: string[] = [];
  const worker = new Worker(workerOptions(url, { log: (message) => logs.push(message) }));
  try {
    await worker.start();
    await server.close();
    server = await startServer({ host: '127.0.0.1', port, password: 'new' });
    await until('it to be said', () => logs.some((line) => /FAKTORY_PASSWORD/.test(line)), patient);
    assert.equal(worker.snapshot(false).connected, false);
    await server.close();
    server = await startServer({ host: '127.0.0.1', port });
    const client = await Client.connect({ address: parseServerUrl(url) });
    await pushMany(client, 10, 'noop', []);
    await until('the jobs to be done', () => completed(worker) === 10, patient);
    await client.close();
  } finally {
    await worker.stop();
    await server.close();
  }
});

test('a server that takes no more connections: those that there are do the work', async () => {
  await withServer(
    async ({ server, client, start }) => {
      const worker = await start({ slots: 200, connections: 16, idleConnections: 2 });
      await pushMany(client, 5000, 'sleep', [1]);
      await until('all to be done', () => completed(worker) === 5000, patient);
      assert.ok(server.info().server.connections <= 5);
    },
    { server: { maxConnections: 5 } },
  );
});

test('a server that refuses everything is lived with, and each refusal is said once in a row', async () => {
  let refuse = false;
  const job = '{"jid":"job-00003","jobtype":"noop","args":[]}';
  const logs: string[] = [];
  const fake = await FakeServer.start({
    script: (line) => {
      if (line.startsWith('HELLO')) return undefined;
      if (refuse) return '-ERR out of order\r\n';
      if (!line.startsWith('FETCH')) return '+OK\r\n';
      return `$${job.length}\r\n${job}\r\n`;
    },
  });
  const worker = new Worker(workerOptions(fake.url, { slots: 4, log: (message) => logs.push(message) }));
  await worker.start();
  const done = () => worker.snapshot(false).totals.completed;
  await until('jobs', () => done() > 10);
  refuse = true;
  await until('it to be refused', () => logs.some((line) => /refuses FETCH: ERR out of order/.test(line)), patient);
  const { length } = fake.linesLike(/^FETCH/);
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(fake.linesLike(/^FETCH/).length <= length + 8, 'it does not ask again and again');
  refuse = false;
  const before = done();
  await until('jobs again', () => done() > before + 10, patient);
  assert.ok(logs.length <= 8, logs.join('\n'));
  await worker.stop();
  await fake.close();
});

test('a worker that was taken for dead registers again and goes on', async () => {
  const clock = handClock();
  await withServer(
    async ({ server, client, start }) => {
      const worker = await start();
      clock.advance(100_000);
      await until('it to be reaped', () => server.info().faktory.tasks.Workers.reaped === 1, patient);
      await pushMany(client, 50, 'sleep', [1]);
      await until('all to be done', () => completed(worker) === 50, patient);
      assert.equal(server.info().faktory.tasks.Workers.size, 1);
      assert.equal(worker.snapshot(false).connected, true);
    },
    { server: { clock } },
  );
});

test('an ACK that comes after its reservation has ended is taken by the server, counted as late, and said', async () => {
  const clock = handClock();
  const now = performance.now.bind(performance);
  let laterMs = 0;
  const mocked = mock.method(performance, 'now', () => now() + laterMs);
  const ends: (() => void)[] = [];
  try {
    await withServer(
      async ({ start, push, counts, logs }) => {
        const worker = await start();
        await push('wait', [], { reserve_for: 60 });
        await until('it to run', () => ends.length === 1, patient);
        clock.advance(100_000);
        await until('its reservation to end', () => counts().retries === 1, patient);
        laterMs = 100_000;
        ends[0]!();
        await until('the ACK to be answered', () => worker.status().totals.completed === 1, patient);
        assert.equal(worker.status().totals.late, 1);
        assert.ok(
          logs.some((line) => /took longer than its reservation/.test(line)),
          logs.join('\n'),
        );
      },
      { server: { clock }, handlers: { wait: () => new Promise<void>((resolve) => ends.push(resolve)) } },
    );
  } finally {
    mocked.mock.restore();
  }
});

test('a network that passes single bytes, late, changes nothing but the time', async () => {
  await withServer(async ({ server, client, start }) => {
    const proxy = await FaultProxy.start(server);
    proxy.sliceBytes = 1;
    proxy.latencyMs = 5;
    const worker = await start({ address: { ...parseServerUrl(server.url), port: proxy.port }, slots: 20 });
    await pushMany(client, 100, 'noop', []);
    await until('all to be done', () => completed(worker) === 100, patient);
    await worker.stop();
    await proxy.close();
  });
});

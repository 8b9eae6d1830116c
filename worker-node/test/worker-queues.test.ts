import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer, until, watchLeaks } from '@jobstorm/testkit';
import { noLimits } from '../src/queue-rules.ts';
import { Worker } from '../src/worker.ts';
import { onlyFailure, pushMany, withServer, workerOptions } from './worker-rig.ts';

test("a queue's jobs never take more slots than it has, nor are more of them reserved", async () => {
  const most: Record<string, number> = { fast: 0, slow: 0 };
  const running: Record<string, number> = { fast: 0, slow: 0 };
  const handlers = {
    count: async (name: string) => {
      running[name]!++;
      most[name] = Math.max(most[name]!, running[name]!);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running[name]!--;
    },
  };
  await withServer(
    async ({ start, push, counts, server }) => {
      for (let i = 0; i < 120; i++) {
        const name = i % 2 === 0 ? 'fast' : 'slow';
        await push('count', [name], { queue: name });
      }
      let reserved = 0;
      const limits = { ...noLimits, queueSlots: { slow: 3 } };
      const worker = await start({ slots: 20, queues: ['fast', 'slow'], limits });
      await until('all to be done', () => {
        const { slow = 0 } = server.info().faktory.queues as Record<string, number>;
        reserved = Math.max(reserved, 60 - slow - counts().processed);
        return counts().processed === 120;
      });
      assert.ok(most.slow! > 0 && most.slow! <= 3, `${most.slow} of slow at a time`);
      assert.ok(most.fast! > 3, 'the other queue is not held back');
      assert.ok(reserved <= 3);
      assert.equal(worker.snapshot(false).totals.completed, 120);
    },
    { handlers },
  );
});

test('a job type with a rate waits here, others of its queue pass, and all get done', async () => {
  const order: string[] = [];
  const handlers = { rare: () => order.push('rare'), often: () => order.push('often') };
  await withServer(
    async ({ start, push, counts }) => {
      for (let i = 0; i < 8; i++) await push('rare');
      for (let i = 0; i < 50; i++) await push('often');
      const worker = await start({ limits: { ...noLimits, typeRates: { rare: 20 } } });
      await until('the others to be done', () => order.filter((type) => type === 'often').length === 50);
      await until('all to be done', () => counts().processed === 58);
      assert.equal(order.filter((type) => type === 'rare').length, 8);
      assert.notDeepEqual(order.slice(0, 8), new Array(8).fill('rare'), 'the first ones did not start together');
      assert.equal(worker.status().held, 0);
    },
    { handlers },
  );
});

test('prefetch: so many jobs more than slots are reserved, and run in their order', async () => {
  const ends: (() => void)[] = [];
  const started: number[] = [];
  const handlers = {
    wait: (number: number) => {
      started.push(number);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
  };
  await withServer(
    async ({ start, push, counts }) => {
      for (let i = 0; i < 10; i++) await push('wait', [i]);
      const worker = await start({ slots: 2, connections: 2, limits: { ...noLimits, prefetch: 3 } });
      await until('the prefetched ones to come', () => counts().working === 5);
      assert.deepEqual(started, [0, 1]);
      assert.deepEqual([worker.status().slots.running, worker.status().held], [2, 3]);
      for (let i = 0; i < 10; i++) {
        await until('the next to start', () => ends.length > i);
        assert.ok(counts().working <= 5);
        ends[i]!();
      }
      await until('all to be done', () => counts().processed === 10);
      assert.deepEqual(started, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    },
    { handlers },
  );
});

test('stopped, what is held goes back to the server with the rest once the grace is over', async () => {
  const handlers = { never: () => new Promise(() => {}) };
  await withServer(
    async ({ start, push, counts }) => {
      for (let i = 0; i < 4; i++) await push('never');
      for (let i = 0; i < 4; i++) await push('rare');
      const limits = { ...noLimits, prefetch: 2, typeRates: { rare: 0.01, never: 1000 } };
      const worker = await start({ slots: 2, graceMs: 20, limits });
      await until('some to be held', () => worker.status().held! >= 2);
      const { working } = counts();
      await worker.stop();
      assert.equal(worker.status().held, 0);
      assert.deepEqual([counts().working, counts().failures], [0, working]);
    },
    { handlers },
  );
});

test('weights: every FETCH draws its order', async () => {
  const leaks = watchLeaks();
  const fake = await FakeServer.start({ script: (line) => (line.startsWith('FETCH') ? '$-1\r\n' : '+OK\r\n') });
  const worker = new Worker(workerOptions(fake.url, { queues: ['a:2', 'b:1'] }));
  await worker.start();
  await until('both orders', () => ['a b', 'b a'].every((order) => fake.linesLike(/./).includes(`FETCH ${order}`)));
  await worker.stop();
  await fake.close();
  await leaks.settle();
});

test('while a queue is at its slots one lane is kept for when it is not', async () => {
  const leaks = watchLeaks();
  const job = '{"jid":"job-00001","jobtype":"wait","queue":"slow","args":[]}';
  let given = false;
  const fake = await FakeServer.start({
    script: (line) => {
      if (!line.startsWith('FETCH')) return '+OK\r\n';
      if (given || !line.includes('slow')) return '';
      given = true;
      return `$${job.length}\r\n${job}\r\n`;
    },
  });
  const ends: (() => void)[] = [];
  const handlers = new Map([['wait', () => new Promise<void>((resolve) => ends.push(resolve))]]);
  const limits = { ...noLimits, queueSlots: { slow: 1 } };
  const worker = new Worker(workerOptions(fake.url, { queues: ['fast', 'slow'], handlers, limits }));
  await worker.start();
  await until('the others to be asked for', () => fake.linesLike(/^FETCH fast$/).length > 0);
  ends[0]!();
  await until('the queue to be asked again', () => fake.linesLike(/^FETCH fast slow$/).length === 2);
  const lanesOf = (wanted: string) =>
    fake.received.flatMap(({ line, connection }) => (line === wanted ? [connection] : []));
  const blocked = lanesOf('FETCH fast');
  assert.ok(!blocked.includes(lanesOf('FETCH fast slow')[1]!), 'it does not stand behind a FETCH that blocks');
  fake.broadcast('$-1\r\n');
  const stopped = worker.stop();
  fake.dropConnections();
  await stopped;
  await fake.close();
  await leaks.settle();
});

test('a job that takes too long fails, its handler is told, and what it returns later changes nothing', async () => {
  const ends: (() => void)[] = [];
  const signals: AbortSignal[] = [];
  const handlers = {
    slow: () => (ctx: { signal: AbortSignal }) => {
      signals.push(ctx.signal);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
    quick: () => new Promise((resolve) => setImmediate(resolve)),
  };
  await withServer(
    async (rig) => {
      const worker = await rig.start({ jobTimeoutMs: 60_000, timeoutsMs: new Map([['slow', 10]]) });
      await rig.push('slow');
      await rig.push('quick');
      await until('one to fail', () => rig.counts().failures === 1);
      await until('the other to be done', () => rig.counts().processed === 2);
      assert.equal((signals[0]!.reason as Error).name, 'JobTimeout');
      ends[0]!();
      await worker.stop();
      assert.deepEqual(worker.snapshot(false).totals, { fetched: 2, completed: 1, failed: 1, late: 0 });
      const { errtype, message } = await onlyFailure(rig);
      assert.equal(errtype, 'JobTimeout');
      assert.equal(message, 'the job took longer than the 0.01 s that it may; what it still does is not looked at');
    },
    { handlers },
  );
});

test('slots, queues and limits change while it runs', async () => {
  const ends: (() => void)[] = [];
  const handlers = { wait: () => new Promise<void>((resolve) => ends.push(resolve)) };
  await withServer(
    async ({ start, push, counts }) => {
      for (let i = 0; i < 8; i++) await push('wait', [], { queue: i < 6 ? 'a' : 'b' });
      const worker = (await start({ slots: 4, queues: ['a'] })) as Worker;
      await until('4 to run', () => ends.length === 4);
      worker.configure({ slots: 2 });
      for (const end of ends.splice(0, 3)) end();
      await until('them to be done', () => counts().processed === 3);
      await until('2 to run', () => worker.status().slots.running === 2);
      assert.equal(worker.status().slots.total, 2);
      worker.configure({ slots: 10, queues: ['b', 'a'], limits: { ...noLimits, queueSlots: { b: 1 } } });
      await until('all that may run', () => worker.status().slots.running === 4);
      assert.equal(counts().queued, 1, 'the second one of b');
      for (const end of ends) end();
      await until('the last one', () => worker.status().slots.running === 1);
      ends.at(-1)!();
      await until('all to be done', () => counts().processed === 8);
    },
    { handlers },
  );
});

test('a cap that a queue gets while its jobs run counts those', async () => {
  const ends: (() => void)[] = [];
  const handlers = { wait: () => new Promise<void>((resolve) => ends.push(resolve)) };
  await withServer(
    async ({ start, push, counts }) => {
      for (let i = 0; i < 5; i++) await push('wait', [], { queue: 'slow' });
      // No more slots than that: no FETCH from before is out that could bring one more.
      const worker = await start({ slots: 5, queues: ['fast', 'slow'] });
      await until('five to run', () => ends.length === 5);
      worker.configure({ slots: 20, limits: { ...noLimits, queueSlots: { slow: 3 } } });
      for (let i = 0; i < 4; i++) await push('wait', [], { queue: 'slow' });
      await push('noop', [], { queue: 'fast' });
      await until('the other queue to be served', () => counts().processed === 1);
      assert.equal(counts().queued, 4);
      for (const end of ends.splice(0, 3)) end();
      await until('one more to run', () => counts().processed === 4 && ends.length === 3);
      assert.deepEqual([counts().working, counts().queued], [3, 3]);
      await until('the rest', () => {
        for (const end of ends.splice(0)) end();
        return counts().processed === 10;
      });
    },
    { handlers },
  );
});

test('slots that are raised far while it runs are filled over more connections', async () => {
  await withServer(async ({ start, client, counts }) => {
    const worker = await start({ slots: 1, connections: 16 });
    const { connections } = worker.status();
    worker.configure({ slots: 400 });
    await pushMany(client, 3000, 'sleep', [5]);
    let most = 0;
    await until('all to be done', () => {
      most = Math.max(most, worker.status().connections);
      return counts().processed === 3000;
    });
    assert.ok(most > connections, `${most} connections, ${connections} before`);
    worker.configure({ slots: 1 });
    await until('the connections to be as few as before', () => worker.status().connections === connections);
  });
});

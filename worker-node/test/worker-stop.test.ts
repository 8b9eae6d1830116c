import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer, until, watchLeaks } from '@jobstorm/testkit';
import { Worker } from '../src/worker.ts';
import { onlyFailure, queue, withServer, workerOptions } from './worker-rig.ts';

test('quiet: what runs goes on, nothing is fetched, all of it is told', async () => {
  const returns: (() => void)[] = [];
  const handlers = { wait: () => new Promise<void>((resolve) => returns.push(resolve)) };
  await withServer(
    async ({ start, push, counts }) => {
      const worker = await start();
      await push('wait');
      await until('the job to run', () => returns.length === 1);
      await worker.quiet();
      await push('add', [1, 2]);
      assert.equal(worker.snapshot(false).state, 'quiet');
      returns[0]!();
      await until('the job to be done', () => counts().processed === 1);
      await worker.stop();
      assert.deepEqual([counts().queued, counts().processed], [1, 1]);
    },
    { handlers },
  );
});

test('jobs that end within the grace are acknowledged by stop', async () => {
  await withServer(async ({ start, push, counts }) => {
    const worker = await start();
    for (let i = 0; i < 10; i++) await push('sleep', [50]);
    await until('all to run', () => worker.snapshot(false).slots.running === 10);
    await worker.stop();
    await worker.ended;
    assert.deepEqual([counts().processed, counts().failures], [10, 0]);
    assert.equal(worker.snapshot(false).state, 'terminate');
  });
});

test('a job that never returns is failed after the grace; one that returns late changes nothing', async () => {
  const returns: (() => void)[] = [];
  const handlers = {
    never: () => new Promise<void>(() => {}),
    late: () => new Promise<void>((resolve) => returns.push(resolve)),
  };
  await withServer(
    async (rig) => {
      const worker = await rig.start({ graceMs: 20 });
      await rig.push('late');
      await rig.push('never', [], { retry: 0 });
      await until('both to run', () => worker.snapshot(false).slots.running === 2);
      await worker.stop();
      returns[0]!();
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(worker.snapshot(false).totals, { fetched: 2, completed: 0, failed: 2, late: 0 });
      assert.deepEqual([rig.counts().working, rig.counts().retries, rig.counts().failures], [0, 1, 2]);
      const { errtype, message } = await onlyFailure(rig);
      assert.equal(errtype, 'WorkerStopped');
      assert.equal(message, 'the worker stopped before the job was done (it waited 20 ms)');
    },
    { handlers },
  );
});

test('stop in the middle of many jobs leaves each done once or queued', async () => {
  const runs = new Map<string, number>();
  const handlers = {
    count: (jid: string) => {
      runs.set(jid, (runs.get(jid) ?? 0) + 1);
      return Math.random() < 0.5 ? undefined : new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
  await withServer(
    async ({ start, client, counts }) => {
      const total = 20_000;
      const jids = Array.from({ length: total }, (_, i) => `job-${i}-xxxx`);
      for (let i = 0; i < total; i += 1000)
        await client.pushBulk(
          jids.slice(i, i + 1000).map((jid) => ({ jid, jobtype: 'count', args: [jid], queue, retry: 0 })),
        );
      const worker = await start({ slots: 100 });
      await until('a good part to be done', () => counts().processed > 500);
      await worker.stop();
      const { queued, processed, working } = counts();
      assert.ok(queued > 0, 'it was stopped in the middle');
      assert.equal(working, 0);
      assert.equal(processed + queued, total);
      assert.equal(runs.size, processed);
      assert.ok([...runs.values()].every((count) => count === 1));
    },
    { handlers },
  );
});

test('stop twice, and stop of a worker that never started, settle', async () => {
  await withServer(async ({ start, server }) => {
    const worker = await start();
    await Promise.all([worker.stop(), worker.stop(), worker.quiet()]);
    await worker.ended;
    const idle = new Worker(workerOptions(server.url));
    await idle.stop();
  });
});

for (const state of ['quiet', 'terminate'] as const) {
  test(`${state} by the answer to a BEAT`, async () => {
    const leaks = watchLeaks();
    const fake = await FakeServer.start({
      script: (line) =>
        line.startsWith('BEAT')
          ? `$${state.length + 12}\r\n{"state":"${state}"}\r\n`
          : line.startsWith('FETCH')
            ? '$-1\r\n'
            : undefined,
    });
    const worker = new Worker(workerOptions(fake.url));
    await worker.start();
    if (state === 'terminate') await worker.ended;
    await until('the state', () => worker.snapshot(false).state === state);
    await worker.stop();
    await worker.ended;
    await fake.close();
    await leaks.settle();
  });
}

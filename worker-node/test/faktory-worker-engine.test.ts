import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { FaktoryWorkerEngine } from '../src/faktory-worker-engine.ts';
import type { HandlerContext } from '../src/handlers.ts';
import type { Middleware } from '../src/middleware.ts';
import { Worker } from '../src/worker.ts';
import { onlyFailure, queue, type RigOptions, withServer } from './worker-rig.ts';

/** Both engines, so that what is compared by a run is the same work and the same measure. */
const engines: [string, NonNullable<RigOptions['make']>][] = [
  ['pipelined', (options) => new Worker(options)],
  ['faktory-worker', (options) => new FaktoryWorkerEngine(options)],
];

for (const [name, make] of engines) {
  test(`${name}: the same handlers, the same counts`, async () => {
    const thunks: unknown[] = [];
    const handlers = {
      thunk: (a: number) => async (context: { job: { jid: string } }) => thunks.push([a, context.job.jid]),
    };
    await withServer(
      async ({ start, push, client, counts }) => {
        const seqs = Array.from({ length: 200 }, (_, seq) => seq);
        await client.pushBulk(
          seqs.map((seq) => ({
            jid: `job-${seq}-xxxx`,
            jobtype: ['add', 'divide', 'sleep', 'payload'][seq % 4]!,
            // Every fourth divides by zero.
            args: seq % 4 === 1 ? [1, seq % 8 === 1 ? 0 : 2] : [1, 2],
            queue,
            retry: 0,
            custom: { run: 'r1', seq, due: 1 },
          })),
        );
        const jid = await push('thunk', [7], { retry: 0 });
        const engine = await start();
        await until('all to be answered', () => counts().processed === 201);
        await until('the engine to know', () => {
          const { completed, failed } = engine.snapshot(false).totals;
          return completed + failed === 201;
        });
        assert.deepEqual(thunks, [[7, jid]]);
        assert.equal(counts().failures, 25);
        const { totals, runs, state, slots } = engine.snapshot(true);
        assert.deepEqual(totals, { fetched: 201, completed: 176, failed: 25, late: 0 });
        assert.deepEqual([runs[0]!.completed, runs[0]!.failed, runs[0]!.duplicated], [175, 25, 0]);
        for (const phase of ['queueWait', 'dispatch', 'service'] as const)
          assert.equal(runs[0]!.phases[phase]!.count, 200, phase);
        for (const phase of ['ack', 'endToEnd'] as const) assert.equal(runs[0]!.phases[phase]!.count, 175, phase);
        assert.equal(state, 'running');
        assert.deepEqual(slots, { total: 10, running: 0 });
        await engine.stop();
        await engine.ended;
        assert.equal(engine.snapshot(false).state, 'terminate');
      },
      { handlers, make },
    );
  });

  test(`${name}: job types without a handler fail, those that every object has too`, async () => {
    await withServer(
      async (rig) => {
        const engine = await rig.start();
        for (const jobtype of ['nosuch', 'toString', 'constructor', '__proto__'])
          await rig.push(jobtype, [], { retry: 0 });
        await until('all to fail', () => rig.counts().failures === 4);
        await engine.stop();
      },
      { make },
    );
  });

  test(`${name}: what is thrown reaches the server`, async () => {
    await withServer(
      async (rig) => {
        const engine = await rig.start();
        await rig.push('divide', [3, 0]);
        await until('it to fail', () => rig.counts().retries === 1);
        await engine.stop();
        assert.equal((await onlyFailure(rig)).message, "can't divide 3 by zero");
      },
      { make },
    );
  });

  test(`${name}: middleware is around every job, the first one outermost`, async () => {
    const steps: string[] = [];
    const step =
      (word: string): Middleware =>
      async (ctx, next) => {
        steps.push(`${word} ${ctx.job.jobtype}`);
        ctx.word = word;
        await next();
        steps.push(`${word} after`);
      };
    const handlers = { tell: (a: number) => (ctx: HandlerContext) => steps.push(`job ${a} ${ctx.word}`) };
    await withServer(
      async ({ start, push, counts }) => {
        const engine = await start({ middleware: [step('outer'), step('inner')] });
        await push('tell', [7]);
        await until('it to be done', () => counts().processed === 1);
        assert.deepEqual(steps, ['outer tell', 'inner tell', 'job 7 inner', 'inner after', 'outer after']);
        await push('nosuch', [], { retry: 0 });
        await until('the other to fail', () => counts().failures === 1);
        assert.equal(steps.at(-1), 'inner nosuch', 'they see jobs without a handler too');
        await engine.stop();
      },
      { handlers, make },
    );
  });

  test(`${name}: a job that takes too long fails, and its slot is free`, async () => {
    const ends: (() => void)[] = [];
    const handlers = { slow: () => new Promise<void>((resolve) => ends.push(resolve)) };
    await withServer(
      async (rig) => {
        const engine = await rig.start({ slots: 1, jobTimeoutMs: 60_000, timeoutsMs: new Map([['slow', 10]]) });
        await rig.push('slow');
        await rig.push('add', [1, 2]);
        await until('both to be over', () => rig.counts().processed === 2);
        ends[0]!();
        await engine.stop();
        assert.equal(
          (await onlyFailure(rig)).message,
          'the job took longer than the 0.01 s that it may; what it still does is not looked at',
        );
      },
      { handlers, make },
    );
  });

  test(`${name}: service time by job type, and weights of queues`, async () => {
    await withServer(
      async ({ start, push, counts }) => {
        const engine = await start({ queues: ['a:3', 'b:1'] });
        for (let i = 0; i < 6; i++)
          await push(i < 4 ? 'add' : 'divide', [1, i % 2], { queue: i % 2 ? 'a' : 'b', retry: 0 });
        await until('all to be over', () => counts().processed === 6);
        await until('the engine to know', () => engine.snapshot(false).totals.failed === 1);
        const types = engine
          .snapshot(false)
          .jobTypes!.map(({ jobtype, failed, service }) => [jobtype, failed, service.count]);
        assert.deepEqual(types, [
          ['add', 0, 4],
          ['divide', 1, 2],
        ]);
        await engine.stop();
      },
      { make },
    );
  });

  for (const state of ['quiet', 'terminate'] as const) {
    test(`${name}: ${state} when the server wants it`, async () => {
      const beats: (() => void)[] = [];
      // Beats come every 15 seconds; here the next one comes when the test wants it.
      const { setInterval } = globalThis;
      mock.method(globalThis, 'setInterval', (run: () => void, ms: number) => {
        if (ms === 15_000) beats.push(run);
        return setInterval(run, ms);
      });
      await withServer(
        async ({ start, client, push, counts }) => {
          // The server's side of a worker's state is moved by anybody's BEAT, as its web pages do.
          const engine = await start({ wid: `wid-${name}-${state}` });
          assert.equal(await client.beat(`wid-${name}-${state}`, { currentState: state }), state);
          for (const beat of beats) beat();
          if (state === 'terminate') await engine.ended;
          await until('the state', () => engine.snapshot(false).state === state);
          if (state === 'quiet') await engine.quiet();
          await engine.stop();
          await push('add', [1, 2]);
          assert.equal(counts().queued, 1);
        },
        { make },
      ).finally(() => mock.restoreAll());
    });
  }
}

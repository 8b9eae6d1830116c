import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '@jobstorm/protocol';
import type { Handler, HandlerContext } from '../src/handlers.ts';
import { Run } from '../src/run.ts';
import { Slots } from '../src/slots.ts';

interface Ended {
  jid: string;
  failed: boolean;
  thrown: unknown;
}

const owner = { answered: () => {}, unanswered: () => {} };

function makeSlots(handlers: Record<string, Handler>) {
  const ended: Ended[] = [];
  const slots = new Slots({
    total: 4,
    handlers: new Map(Object.entries(handlers)),
    onEnd: ({ job }, failed, thrown) => ended.push({ jid: job.jid, failed, thrown }),
  });
  let jids = 0;
  const start = (jobtype: string, args: Job['args'] = []): Run => {
    const run = new Run({ jid: `job-${jids++}`, jobtype, args }, null, 0, owner);
    slots.start(run);
    return run;
  };
  return { slots, ended, start };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a handler that returns is over within start', () => {
  const got: unknown[] = [];
  const { slots, ended, start } = makeSlots({ add: (...args: never[]) => got.push(...args) });
  const run = start('add', [1, 'two', null]);
  assert.deepEqual(got, [1, 'two', null]);
  assert.deepEqual(ended, [{ jid: 'job-0', failed: false, thrown: undefined }]);
  assert.equal(slots.running, 0);
  assert.equal(run.state, 'ending');
  assert.ok(run.endedMs >= run.startedMs && run.startedMs > 0);
});

test('a handler that throws fails its own job', () => {
  const reason = new Error('no');
  const { slots, ended, start } = makeSlots({
    bad: () => {
      throw reason;
    },
    mute: () => {
      throw undefined;
    },
  });
  start('bad');
  start('mute');
  assert.deepEqual(ended, [
    { jid: 'job-0', failed: true, thrown: reason },
    { jid: 'job-1', failed: true, thrown: undefined },
  ]);
  assert.equal(slots.running, 0);
});

test('promises hold a slot until they settle', async () => {
  const waits: { resolve: (value?: unknown) => void; reject: (reason: unknown) => void }[] = [];
  const { slots, ended, start } = makeSlots({
    wait: () => new Promise((resolve, reject) => waits.push({ resolve, reject })),
  });
  start('wait');
  start('wait');
  assert.equal(slots.running, 2);
  waits[1]!.reject('later');
  await settled();
  assert.equal(slots.running, 1);
  waits[0]!.resolve();
  await settled();
  assert.deepEqual(ended, [
    { jid: 'job-1', failed: true, thrown: 'later' },
    { jid: 'job-0', failed: false, thrown: undefined },
  ]);
});

test("functions are called with the context, in faktory-worker's way", async () => {
  const seen: unknown[] = [];
  const { ended, start } = makeSlots({
    sync: (a: number) => (context: unknown) => seen.push(a, context),
    late: async (a: number) => async (context: unknown) => seen.push(a, context),
    bad: () => () => {
      throw new Error('in the thunk');
    },
    worse: async () => async () => Promise.reject(new Error('in the late thunk')),
  });
  const runs = [start('sync', [1]), start('late', [2]), start('bad'), start('worse')];
  await settled();
  const jobs = seen.map((each) => (typeof each === 'number' ? each : (each as HandlerContext).job));
  assert.deepEqual(jobs, [1, runs[0]!.job, 2, runs[1]!.job]);
  const failed = Object.fromEntries(ended.map((end) => [end.jid, end.failed && (end.thrown as Error).message]));
  assert.deepEqual(failed, {
    'job-0': false,
    'job-1': false,
    'job-2': 'in the thunk',
    'job-3': 'in the late thunk',
  });
});

/** Objects that look like promises and need not be. */
const thenables: [string, () => unknown, boolean][] = [
  ['settles within then', () => thenable((resolve) => resolve(1)), false],
  ['rejects within then', () => thenable((_, reject) => reject('no')), true],
  ['throws in then', () => thenable(() => assert.fail('in then')), true],
  ['settles twice', () => thenable((resolve, reject) => [resolve(1), resolve(2), reject('no')]), false],
  ['throws after it settled', () => thenable((resolve) => [resolve(1), assert.fail('after')]), false],
  [
    'has a then that throws when looked at',
    () => Object.defineProperty({}, 'then', { get: () => assert.fail('looked') }),
    true,
  ],
  ['has a then that is no function', () => Object.defineProperty({}, 'then', { value: 5 }), false],
];

function thenable(then: (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => unknown): object {
  return Object.defineProperty({}, 'then', { value: then });
}

for (const [name, make, fails] of thenables) {
  test(`a returned object that ${name} ends its job once`, async () => {
    const { slots, ended, start } = makeSlots({ odd: make as Handler });
    start('odd');
    await settled();
    assert.deepEqual(
      ended.map(({ failed }) => failed),
      [fails],
    );
    assert.equal(slots.running, 0);
    await slots.idle();
  });
}

test('an unknown job type fails with what this worker can do', () => {
  const { ended, start } = makeSlots({ add: () => 1, sub: () => 1 });
  for (const jobtype of ['nosuch', '__proto__', 'constructor', 'toString']) start(jobtype);
  assert.equal(ended.length, 4);
  for (const { failed, thrown } of ended) {
    assert.ok(failed && thrown instanceof Error);
    assert.equal(thrown.name, 'UnknownJobtype');
  }
  assert.equal(
    (ended[0]!.thrown as Error).message,
    'this worker has no handler for "nosuch"; it has add, sub, and --jobs FILE.mjs adds more',
  );
});

test('args that are no list fail their job alone', () => {
  const { ended, start } = makeSlots({ add: () => 1 });
  start('add', 5 as never);
  start('add', undefined as never);
  start('add');
  assert.deepEqual(
    ended.map(({ failed }) => failed),
    [true, false, false],
  );
});

test('runs whose handlers give the same promise each end once, those that come after it has settled too', async () => {
  let settle = (_value?: unknown) => {};
  const shared = new Promise((resolve) => {
    settle = resolve;
  });
  const { slots, ended, start } = makeSlots({ wait: () => shared, other: () => new Promise(() => {}) });
  for (const jobtype of ['wait', 'wait', 'other', 'wait', 'wait']) start(jobtype);
  assert.equal(slots.running, 5);
  const contexts: unknown[] = [];
  settle((context: HandlerContext) => contexts.push(context.job.jid));
  start('wait');
  await settled();
  start('wait');
  await settled();
  const jids = ['job-0', 'job-1', 'job-3', 'job-4', 'job-5', 'job-6'];
  assert.deepEqual(ended.map(({ jid }) => jid).sort(), jids);
  assert.deepEqual(contexts.sort(), jids);
  assert.deepEqual(
    [...slots.runs()].map(({ job }) => job.jid),
    ['job-2'],
  );
  slots.refuse(new Error('over'));
  assert.equal(slots.running, 0);
});

test('a promise that rejects fails all runs that it was given for', async () => {
  const shared = Promise.reject(new Error('no'));
  const { ended, start } = makeSlots({ wait: () => shared });
  start('wait');
  start('wait');
  await settled();
  assert.deepEqual(
    ended.map(({ failed, thrown }) => [failed, String(thrown)]),
    [
      [true, 'Error: no'],
      [true, 'Error: no'],
    ],
  );
});

test('what settles within `then`, or throws in it, holds nobody up who gets it next', () => {
  const atOnce = thenable((resolve) => resolve(null));
  const broken = thenable(() => assert.fail('in then'));
  const { slots, ended, start } = makeSlots({ atOnce: () => atOnce, broken: () => broken });
  for (const jobtype of ['atOnce', 'atOnce', 'broken', 'broken']) start(jobtype);
  assert.deepEqual(
    ended.map(({ failed }) => failed),
    [false, false, true, true],
  );
  assert.deepEqual([slots.running, [...slots.runs()]], [0, []]);
});

test('after refuse waiting jobs fail at once, late returns change nothing, new jobs fail unseen', async () => {
  const returns: ((value?: unknown) => void)[] = [];
  let calls = 0;
  let thunks = 0;
  const { slots, ended, start } = makeSlots({
    wait: () => {
      calls++;
      return new Promise((resolve) => returns.push(resolve));
    },
  });
  const reason = new Error('the worker stops');
  const run = start('wait');
  start('wait');
  slots.refuse(reason);
  assert.deepEqual(ended, [
    { jid: 'job-0', failed: true, thrown: reason },
    { jid: 'job-1', failed: true, thrown: reason },
  ]);
  const { endedMs } = run;
  returns[0]!('late');
  returns[1]!(() => thunks++);
  await settled();
  start('wait');
  assert.equal(calls, 2);
  assert.equal(thunks, 0);
  assert.equal(run.endedMs, endedMs);
  assert.deepEqual(ended.slice(2), [{ jid: 'job-2', failed: true, thrown: reason }]);
  assert.equal(slots.running, 0);
});

test('idle settles for everybody when the last job ends, at once when there is none', async () => {
  const returns: (() => void)[] = [];
  const { slots, start } = makeSlots({ wait: () => new Promise<void>((resolve) => returns.push(resolve)) });
  await slots.idle();
  start('wait');
  start('wait');
  let told = 0;
  const tell = () => told++;
  const both = Promise.all([slots.idle().then(tell), slots.idle().then(tell)]);
  returns[0]!();
  await settled();
  assert.equal(told, 0);
  returns[1]!();
  await both;
  assert.equal(told, 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeJobTexts } from '../src/job-text.ts';
import { aPlan } from './fixtures.ts';

const shapeOf = (jobtype: string) => ({ jobtype, serviceMs: 25, payloadBytes: 3, failShare: 0.25 });
const dueOf = (seq: number) => 5_000_000 + seq;

test('a batch body holds the jobs first … end-1 with run, seq and due', () => {
  const body = JSON.parse(makeJobTexts(aPlan()).batchBody(998, 1000, dueOf));
  assert.deepEqual(body, {
    jobs: [998, 999].map((seq) => ({
      type: 'add',
      args: { a: seq, b: (seq % 97) + 1 },
      custom: { run: 'r1test', seq, due: 5_000_000 + seq },
      queue: 'jobstorm',
      retry: 1,
      reserve_for: 60,
    })),
  });
});

test('a single body of arithmetic has a and b at its top, any other type args', () => {
  const add = JSON.parse(makeJobTexts(aPlan()).singleBody(7, 42));
  assert.deepEqual([add.a, add.b, add.custom.seq, add.custom.due, add.args], [7, 8, 7, 42, undefined]);
  const sleep = JSON.parse(makeJobTexts(aPlan({ shape: shapeOf('sleep') })).singleBody(7, 42));
  assert.deepEqual([sleep.args, sleep.retry, sleep.reserve_for, sleep.queue], [[25], 1, 60, 'jobstorm']);
});

test('jobs for PUSHB are whole jobs with a jid of the run and number', () => {
  const texts = makeJobTexts(aPlan());
  const [job, ...rest] = texts.jobTexts(3, 4, dueOf).map((text) => JSON.parse(text));
  assert.equal(rest.length, 0);
  assert.deepEqual(job, {
    jid: 'r1test.3',
    jobtype: 'add',
    args: [3, 4],
    custom: { run: 'r1test', seq: 3, due: 5_000_003 },
    queue: 'jobstorm',
    retry: 1,
    reserve_for: 60,
  });
  assert.equal(texts.jid(3), 'r1test.3');
});

test('each job type gets its own arguments', () => {
  const argsOf = (jobtype: string) =>
    JSON.parse(makeJobTexts(aPlan({ shape: shapeOf(jobtype) })).jobTexts(96, 97, dueOf)[0]!).args;
  assert.deepEqual(argsOf('divide'), [96, 97]);
  assert.deepEqual(argsOf('spin'), [25]);
  assert.deepEqual(argsOf('payload'), ['xxx']);
  assert.deepEqual(argsOf('flaky'), [0.25]);
  assert.deepEqual(argsOf('my.own'), [96]);
});

test('divide never gets a zero divisor', () => {
  const texts = makeJobTexts(aPlan({ shape: shapeOf('divide') })).jobTexts(0, 2000, dueOf);
  for (const text of texts) assert.notEqual(JSON.parse(text).args[1], 0);
});

test('jobs of a run that is recorded or not say so, in texts of one length; any other says nothing', () => {
  const textOf = (recorded: boolean) => makeJobTexts(aPlan({ recorded })).jobTexts(3, 4, dueOf)[0]!;
  const [on, off] = [textOf(true), textOf(false)];
  assert.equal(on.length, off.length);
  assert.deepEqual(JSON.parse(on).custom, { run: 'r1test', record: 1, seq: 3, due: 5_000_003 });
  assert.deepEqual(JSON.parse(off).custom, { run: 'r1test', record: 0, seq: 3, due: 5_000_003 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JobKind, jobsOf, mixFailsForGood, mixLimits, mixQueues, plainKind } from '../src/mix.ts';
import { makeMixTexts } from '../src/mix-text.ts';
import { aPlan } from './fixtures.ts';

const kind = (jobtype: string, more: Partial<JobKind> = {}): JobKind => ({ ...plainKind, jobtype, ...more });
const shop = [
  kind('add', { weight: 6 }),
  kind('sleep', {
    weight: 3,
    queue: 'slow',
    queues: 3,
    service: { kind: 'exponential', mean: 20 },
    failShare: 0.1,
    retry: 2,
  }),
  kind('payload', { weight: 1, bytes: { kind: 'uniform', from: 10, to: 20 }, delay: { kind: 'fixed', value: 1500 } }),
];
const count = 20_000;
const dueOf = (seq: number) => 1_700_000_000_000_000 + seq;

function textsOf(seed = 1, via: 'batchBody' | 'jobTexts' = 'jobTexts', [first, end] = [0, count]) {
  const plan = aPlan();
  const texts = makeMixTexts(plan, { seed, kinds: shop });
  if (via === 'batchBody') return JSON.parse(texts.batchBody(first!, end!, dueOf)).jobs;
  return texts.jobTexts(first!, end!, dueOf).map((text) => JSON.parse(text));
}

test('kinds have their shares, failures and queues theirs', () => {
  const jobs = textsOf();
  const share = (test: (job: (typeof jobs)[0]) => boolean) => jobs.filter(test).length / count;
  const near = (value: number, wanted: number) =>
    assert.ok(Math.abs(value - wanted) < 0.012, `${value}, expected ${wanted}`);
  near(
    share(({ jobtype }) => jobtype === 'add'),
    0.6,
  );
  near(
    share(({ jobtype }) => jobtype === 'sleep'),
    0.27,
  );
  near(
    share(({ jobtype }) => jobtype === 'flaky'),
    0.03,
  );
  near(
    share(({ jobtype }) => jobtype === 'payload'),
    0.1,
  );
  for (const at of [1, 2, 3])
    near(
      share(({ queue }) => queue === `slow-${at}`),
      0.1,
    );
  near(
    share(({ queue }) => queue === 'jobstorm'),
    0.7,
  );
});

test('each kind’s jobs carry what it says', () => {
  for (const job of textsOf()) {
    const seq = job.custom.seq;
    assert.equal(job.jid, `r1test.${seq}`);
    if (job.jobtype === 'add')
      assert.deepEqual([job.args, job.retry, job.at], [[seq % 1000, (seq % 97) + 1], 1, undefined]);
    if (job.jobtype === 'sleep') assert.ok(job.args.length === 1 && job.args[0] >= 0 && job.retry === 2);
    if (job.jobtype === 'flaky')
      assert.ok(job.args[0] === 1 && job.args[1] === 1 && job.args[2] >= 0 && job.retry === 2);
    if (job.jobtype !== 'payload') assert.equal(job.custom.due, dueOf(seq));
    else {
      assert.match(job.args[0], /^x{10,20}$/);
      assert.equal(job.custom.due, dueOf(seq) + 1_500_000, 'a delayed job is due at its time');
      assert.equal(job.at, new Date(job.custom.due / 1000).toISOString());
    }
  }
});

test('the same seed makes the same jobs, whichever part of them is asked for, in every form; another one others', () => {
  const whole = textsOf();
  assert.deepEqual(textsOf(1, 'jobTexts', [500, 900]), whole.slice(500, 900));
  const types = (jobs: { jobtype: string }[]) => jobs.map(({ jobtype }) => jobtype);
  assert.notDeepEqual(types(textsOf(2)), types(whole));
  for (const [seq, job] of textsOf(1, 'batchBody', [0, 300]).entries()) {
    const { jid: _, jobtype, args, ...rest } = whole[seq]!;
    const { type, args: apiArgs, ...others } = job;
    assert.deepEqual([type, others], [jobtype, rest]);
    assert.deepEqual(jobtype === 'add' ? [apiArgs.a, apiArgs.b] : apiArgs, args);
  }
  const texts = makeMixTexts(aPlan(), { seed: 1, kinds: shop });
  for (let seq = 0; seq < 300; seq++) {
    const { jid: _, jobtype, args, ...rest } = whole[seq]!;
    assert.equal(texts.singleType(seq), jobtype);
    const body = JSON.parse(texts.singleBody(seq, dueOf(seq)));
    assert.deepEqual(body, jobtype === 'add' ? { a: args[0], b: args[1], ...rest } : { args, ...rest });
  }
});

test('a job that fails for good says so with a retry of none', () => {
  const texts = makeMixTexts(aPlan(), { seed: 1, kinds: [kind('noop', { failShare: 1 })] });
  const { jobtype, args, retry } = JSON.parse(texts.jobTexts(0, 1, dueOf)[0]!);
  assert.deepEqual([jobtype, args, retry], ['flaky', [1, null, 0], 0]);
});

test('what a mix comes to: queues, limits, and whether failures are ends', () => {
  assert.deepEqual(mixQueues(shop, 'q'), ['q', 'slow-1', 'slow-2', 'slow-3']);
  const { bytes, delayMs, serviceMs } = mixLimits(shop);
  assert.deepEqual([bytes, delayMs], [20, 1500]);
  const jobOf = jobsOf({ seed: 3, kinds: shop }, 'q');
  for (let seq = 0; seq < count; seq++) assert.ok(jobOf(seq).serviceMs <= serviceMs);
  assert.equal(mixFailsForGood([kind('add'), kind('noop')]), false);
  assert.equal(mixFailsForGood(shop), false);
  assert.equal(mixFailsForGood([kind('noop', { failShare: 0.1 })]), true);
  assert.equal(mixFailsForGood([kind('my.own')]), true);
  assert.equal(mixFailsForGood([kind('my.own'), kind('noop', { failShare: 0.1, retry: 3 })]), null);
  assert.throws(() => jobsOf({ seed: 1, kinds: [] }, 'q'), RangeError);
});

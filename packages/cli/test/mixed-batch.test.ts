import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePlan } from '@jobstorm/loadtest';
import { batchCode } from '../src/batch-errand.ts';
import { endsOf, mixedJobs, mixedTexts } from '../src/mixed-batch.ts';

const shape = { jobtype: 'mixed', serviceMs: 0, payloadBytes: 0, failShare: 0 };
const common = { run: 'r1', jobs: 10, shape, queue: 'q', via: 'batch', ratePerS: null } as const;
const failing = mixedJobs.findIndex(({ should }) => should === 'failed');
const others = mixedJobs.map((_, seq) => seq).filter((seq) => seq !== failing);
const seen = (acked: readonly number[], failed: number) => endsOf({ has: (seq) => acked.includes(seq), failed });

test('ten jobs of all kinds, one bound to fail', () => {
  assert.equal(mixedJobs.length, 10);
  assert.equal(mixedJobs.filter(({ should }) => should === 'failed').length, 1);
  assert.ok(new Set(mixedJobs.map(({ type }) => type)).size >= 6);
});

test('the body names each by its sequence number', () => {
  const body = mixedTexts({ ...makePlan(common), retry: 0 }).batchBody(0, 10, (seq) => 100 + seq);
  const { jobs } = JSON.parse(body) as { jobs: Record<string, unknown>[] };
  assert.equal(jobs.length, 10);
  assert.deepEqual(jobs[failing], {
    type: 'divide',
    args: { a: 1, b: 0 },
    custom: { run: 'r1', seq: failing, due: 100 + failing },
    queue: 'q',
    retry: 0,
    reserve_for: 60,
  });
});

test('all as they should be: 0', () => {
  const ends = seen(others, 1);
  assert.deepEqual(
    ends,
    mixedJobs.map(({ should }) => should),
  );
  assert.equal(batchCode(ends, 10, 0), 0);
  assert.equal(batchCode(ends, 10, 1), 112);
});

test('one that was never heard of is lost: 112', () => {
  const ends = seen(others.slice(1), 1);
  assert.deepEqual([ends[others[0]!], ends[failing]], ['no answer', 'failed']);
  assert.equal(batchCode(ends, 10, 0), 112);
});

test('one that failed and should not have, and one that did not fail: 1', () => {
  const wrong = seen(others.slice(1), 2);
  assert.equal(wrong[others[0]!], 'failed');
  assert.equal(batchCode(wrong, 10, 0), 1);
  const tame = seen([...others, failing], 0);
  assert.equal(tame[failing], 'completed');
  assert.equal(batchCode(tame, 10, 0), 1);
});

test('jobs that were refused are not lost, and not as they should be', () => {
  assert.equal(batchCode(seen([], 0), 0, 0), 1);
});

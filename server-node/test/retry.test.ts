import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterFailure, deadKeptMs, retryDelayS } from '../src/retry.ts';
import { fakeEpochUs } from './fake-clock.ts';

const job = { jid: 'abcdefgh', jobtype: 't', args: [] };
const report = { errtype: ' E ', message: ' m\n', backtrace: ['l1', 'l2'] };

test('the delay grows as Faktory has it', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((count) => retryDelayS(count, 0)),
    [15, 16, 31, 96],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((count) => retryDelayS(count, 0.9999)),
    [44, 74, 118, 212],
  );
});

test('the first failure starts the count, later ones go on', () => {
  const first = afterFailure({ ...job, retry: 2 }, report, fakeEpochUs, 0);
  assert.equal(first.set, 'retries');
  assert.equal(first.atMs, fakeEpochUs / 1000 + 15_000);
  assert.deepEqual(first.job.failure, {
    ...{
      retry_count: 0,
      remaining: 2,
      failed_at: '2026-01-02T03:04:05.000006Z',
      next_at: '2026-01-02T03:04:20.000006Z',
    },
    ...{ errtype: 'E', message: 'm', backtrace: ['l1', 'l2'] },
  });
  const second = afterFailure(first.job, { message: 'again' }, fakeEpochUs + 60e6, 0.5);
  assert.equal(second.set, 'retries');
  assert.deepEqual(second.job.failure, {
    ...{
      retry_count: 1,
      remaining: 1,
      failed_at: '2026-01-02T03:04:05.000006Z',
      next_at: '2026-01-02T03:05:51.000006Z',
    },
    ...{ errtype: 'unknown', message: 'again', backtrace: [] },
  });
  const last = afterFailure(second.job, report, fakeEpochUs + 120e6, 0);
  assert.equal(last.set, 'dead');
  assert.equal(last.atMs, fakeEpochUs / 1000 + 120_000 + deadKeptMs);
  assert.equal(last.job.failure?.retry_count, 2);
  assert.equal(last.job.failure?.remaining, 0);
  assert.equal(last.job.failure?.next_at, second.job.failure?.next_at);
});

test('retry 0 throws away, a negative one buries at once, none means 25', () => {
  assert.equal(afterFailure({ ...job, retry: 0 }, report, fakeEpochUs, 0).set, null);
  const buried = afterFailure({ ...job, retry: -1 }, report, fakeEpochUs, 0);
  assert.equal(buried.set, 'dead');
  assert.equal(buried.job.failure?.remaining, -1);
  assert.equal(afterFailure(buried.job, report, fakeEpochUs, 0).job.failure?.remaining, -1);
  assert.equal(afterFailure(job, report, fakeEpochUs, 0).job.failure?.remaining, 25);
});

test('reports are cut to their limits, never through a character', () => {
  const long = {
    errtype: 'é'.repeat(80),
    message: `${'x'.repeat(999)}€`,
    backtrace: Array.from({ length: 60 }, (_, i) => `l${i}`),
  };
  const failure = afterFailure(job, long, fakeEpochUs, 0).job.failure!;
  assert.equal(failure.errtype, 'é'.repeat(50));
  assert.equal(failure.message, 'x'.repeat(999));
  assert.equal(failure.backtrace?.length, 50);
});

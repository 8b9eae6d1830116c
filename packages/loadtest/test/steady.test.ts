import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSteadyWindow } from '../src/steady.ts';

const series = (counts: number[]) => ({ bucketMs: 100, firstBucket: 1000, counts });
const times = (n: number, value: number) => new Array<number>(n).fill(value);

test('an even run is steady but for its partial first and last bucket', () => {
  const found = findSteadyWindow(series([30, ...times(30, 100), 40]));
  assert.deepEqual(found, { startMs: 100_100, lengthS: 3, jobs: 3000, perS: 1000 });
});

test('warm-up and ebb are cut off', () => {
  const found = findSteadyWindow(series([5, 10, 20, 40, 70, ...times(30, 100), 60, 30, 10, 1]));
  assert.ok(found);
  assert.ok(Math.abs(found.perS - 1000) <= 20, `${found.perS} jobs/s`);
  assert.ok(found.lengthS >= 2.9 && found.lengthS <= 3.2, `${found.lengthS} s`);
});

test('buckets before the first and after the last completion do not count', () => {
  const found = findSteadyWindow(series([0, 0, 50, ...times(15, 100), 50, 0, 0, 0]));
  assert.equal(found?.lengthS, 1.5);
  assert.equal(found?.startMs, 100_300);
});

test('less than a second is too short', () => {
  assert.equal(findSteadyWindow(series([50, ...times(9, 100), 50])), null);
  assert.equal(findSteadyWindow(series([10_000])), null);
  assert.equal(findSteadyWindow(series([])), null);
  assert.equal(findSteadyWindow(series([0, 0])), null);
});

test('a rate that goes on falling is not steady', () => {
  const falling = Array.from({ length: 60 }, (_, i) => 6000 - i * 90);
  assert.equal(findSteadyWindow(series(falling)), null);
});

test('few completions may differ by chance', () => {
  const found = findSteadyWindow(series([1, ...times(10, 2), ...times(10, 1), 1]));
  assert.ok(found, 'thirty jobs in two seconds prove no trend');
});

test('a stall in the middle is not steady, waves of long jobs are', () => {
  const stalled = [1, ...times(10, 20), ...times(15, 0), ...times(10, 20), 1];
  assert.equal(findSteadyWindow(series(stalled)), null);
  const waves = Array.from({ length: 60 }, (_, i) => (i % 6 === 0 ? 200 : 0));
  assert.equal(findSteadyWindow(series(waves)), null);
  assert.ok(findSteadyWindow(series(waves), 600));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchMeans, lagOneCorrelation, varianceOf } from '../src/batch-means.ts';
import { noisyCounts, normals } from './noise.ts';

const run = { buckets: 400, perBucket: 5000, within: 0.1, between: 0 };

test('independent values: each counts', () => {
  const found = batchMeans(noisyCounts({ ...run, alike: 0 }, normals(1)))!;
  assert.equal(found.size, 20);
  assert.ok(found.effectiveSamples > 150, `${found.effectiveSamples} of 400`);
});

test('values that follow each other count for fewer', () => {
  const found = batchMeans(noisyCounts({ ...run, alike: 0.9 }, normals(1)))!;
  assert.ok(found.effectiveSamples < 60, `${found.effectiveSamples} of 400`);
  assert.ok(found.size > 20 && found.means.length >= 5, `${found.means.length} batches of ${found.size}`);
});

test('the 95% interval holds the truth in at least 9 of 10 runs, whether neighbours are alike or not', () => {
  for (const alike of [0, 0.5, 0.8, 0.9]) {
    const runs = Array.from({ length: 400 }, (_, seed) => batchMeans(noisyCounts({ ...run, alike }, normals(seed)))!);
    const held = runs.filter(({ low, high }) => low <= 5000 && 5000 <= high).length;
    assert.ok(held >= 360, `alike ${alike}: ${held} of 400`);
    // One that is wide enough for anything would hold it too.
    assert.ok(
      runs.every(({ low, high }) => high - low < 5000 * 0.25),
      `alike ${alike}`,
    );
  }
});

test('few values, or values that do not vary', () => {
  assert.equal(batchMeans([1, 2, 3, 4]), null);
  const flat = batchMeans([7, 7, 7, 7, 7, 7])!;
  assert.deepEqual([flat.mean, flat.standardError, flat.effectiveSamples], [7, 0, 6]);
  assert.equal(lagOneCorrelation([3, 3, 3]), 0);
  assert.equal(varianceOf([5]), 0);
});

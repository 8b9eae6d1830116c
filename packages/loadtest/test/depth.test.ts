import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summariseDepth } from '../src/depth.ts';

const samples = (depths: number[]) => depths.map((depth, i) => ({ atS: i * 0.5, depth }));

test('greatest, last, slope and how often it was deep', () => {
  assert.deepEqual(summariseDepth(samples([0, 50, 100, 150, 200]), 100), {
    max: 200,
    end: 200,
    slopePerS: 100,
    deepShare: 0.6,
    samples: 5,
  });
});

test('no slope from two samples or less than a second; nothing from none', () => {
  assert.equal(summariseDepth(samples([10, 20]), 1)?.slopePerS, null);
  assert.equal(
    summariseDepth(
      [0, 0.1, 0.2].map((atS) => ({ atS, depth: 1 })),
      1,
    )?.slopePerS,
    null,
  );
  assert.equal(summariseDepth([], 1), null);
});

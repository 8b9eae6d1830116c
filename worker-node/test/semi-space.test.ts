import assert from 'node:assert/strict';
import { test } from 'node:test';
import { semiSpaceMb } from '../src/semi-space.ts';

test('up to 3,000 slots the young generation is small, and then as large as they need, in powers of two', () => {
  const sizes = [1, 2000, 6000, 6001, 12_000, 24_000, 48_000, 1_000_000].map(semiSpaceMb);
  assert.deepEqual(sizes, [4, 4, 8, 32, 32, 64, 64, 64]);
});

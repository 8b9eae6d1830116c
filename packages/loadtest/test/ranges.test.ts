import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRanges } from '../src/ranges.ts';

test('single numbers, ranges, and how many more there are', () => {
  const ranges = [3, 10, 20].map((from) => ({ from, to: from === 3 ? 3 : from + 5 }));
  assert.equal(describeRanges(ranges), '3, 10-15, 20-25');
  assert.equal(describeRanges(ranges, 2), '3, 10-15, and 1 more range');
  assert.equal(describeRanges(ranges, 1), '3, and 2 more ranges');
  assert.equal(describeRanges([]), '');
});

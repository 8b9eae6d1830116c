import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeStamp } from '../src/job-text.ts';
import { RunningStamp } from '../src/running-stamp.ts';
import { formatTimestamp } from '../src/timestamp.ts';

test('a stamp that runs on is the one that would be made anew', () => {
  const stamp = new RunningStamp();
  const start = 1_700_000_000_000_000;
  const times = [0, 1, 9, 10, 123_456, 999_999, 1_000_000, 1_000_000, 1_500_000, 999_999, -1, 60_000_000, 60_100_000];
  for (const us of times.map((after) => start + after)) {
    stamp.set(us);
    const { created, enqueued } = makeStamp(formatTimestamp(us));
    assert.deepEqual(Buffer.from(stamp.created), created);
    assert.deepEqual(Buffer.from(stamp.enqueued), enqueued);
  }
});

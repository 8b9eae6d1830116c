import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchingSentence, joinedSentence } from '../src/batching.ts';

test('what batching cost and bought, in a sentence', () => {
  const single = { waitP50Us: 100, perS: 5000 };
  assert.equal(
    batchingSentence({ waitP50Us: 4200, perS: 16_000 }, single),
    'batching cost 4.1 ms at p50 and bought 3.2x jobs/s',
  );
  assert.equal(
    batchingSentence({ waitP50Us: 40, perS: 5000 }, single),
    'batching saved 60 us at p50 and bought 1.0x jobs/s',
  );
  assert.equal(batchingSentence({ waitP50Us: null, perS: 5000 }, single), null);
  assert.equal(batchingSentence(single, { waitP50Us: 1, perS: 0 }), null);
});

test('of a run alone it says what batches cost and how many calls they saved, not what that bought', () => {
  assert.equal(
    joinedSentence(4120, { jobs: 98_000, pushes: 1000 }),
    'cost 4.1 ms at p50; 98 jobs a PUSHB: 1,000 calls to the server in place of 98,000',
  );
  assert.match(joinedSentence(40, { jobs: 15, pushes: 10 })!, /; 1\.5 jobs a PUSHB/);
  assert.equal(joinedSentence(null, { jobs: 15, pushes: 10 }), null);
  assert.equal(joinedSentence(40, { jobs: 0, pushes: 0 }), null);
  assert.equal(joinedSentence(40, null), null);
});

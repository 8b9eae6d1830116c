import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchingSentence } from '../src/batching.ts';

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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownBelow, seqOf, togetherFrom, wholeStripe } from '../src/stripe.ts';

test('the stripes of a run have every number once, in ascending order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 3000 }),
      (of, block, jobs) => {
        const seen = new Uint8Array(jobs);
        for (let index = 0; index < of; index++) {
          const stripe = { index, of, block };
          let last = -1;
          for (let nth = 0; nth < ownBelow(stripe, jobs); nth++) {
            const seq = seqOf(stripe, nth);
            assert.ok(seq > last && seq < jobs, `number ${seq} after ${last} of ${jobs}`);
            last = seq;
            seen[seq]!++;
          }
          assert.ok(seqOf(stripe, ownBelow(stripe, jobs)) >= jobs, 'its next number belongs to the run, too');
        }
        assert.ok(
          seen.every((times) => times === 1),
          'a number is missing, or has two stripes',
        );
      },
    ),
  );
});

test('numbers that stay together follow each other without a gap, and the next one does not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 50 }), fc.nat(5000), (of, block, nth) => {
      const stripe = { index: nth % of, of, block };
      const together = togetherFrom(stripe, nth);
      assert.equal(seqOf(stripe, nth + together - 1), seqOf(stripe, nth) + together - 1);
      assert.notEqual(seqOf(stripe, nth + together), seqOf(stripe, nth) + together);
    }),
  );
});

test('a generator that is alone has all of them', () => {
  assert.deepEqual([seqOf(wholeStripe, 7), ownBelow(wholeStripe, 7), togetherFrom(wholeStripe, 7)], [7, 7, Infinity]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noLimits, parseLimits, parseQueues, shareOf } from '../src/queue-rules.ts';

test('queues without weights are in strict order, with any weight all have one', () => {
  assert.deepEqual(parseQueues(['a', 'b']), [
    { name: 'a', weight: null },
    { name: 'b', weight: null },
  ]);
  assert.deepEqual(parseQueues(['a:5', 'b']), [
    { name: 'a', weight: 5 },
    { name: 'b', weight: 1 },
  ]);
});

test("a rate limit is a queue's when that queue is fetched from, else a job type's, unless it says which", () => {
  const limits = parseLimits(
    parseQueues(['slow', 'fast']),
    ['slow=10'],
    ['slow=100/s', 'resize=90/m', 'type:fast=7200/h', 'queue:fast=2.5/s'],
    7,
  );
  assert.deepEqual(limits, {
    queueSlots: { slow: 10 },
    queueRates: { slow: 100, fast: 2.5 },
    typeRates: { resize: 1.5, fast: 2 },
    prefetch: 7,
  });
});

test('what names a queue that is not fetched from, or a rate of 0, is refused in a sentence', () => {
  const queues = parseQueues(['a', 'b']);
  assert.throws(
    () => parseLimits(queues, ['c=1'], [], 0),
    /^RangeError: --queue-slots: got "c=1", but --queues has a, b$/,
  );
  assert.throws(
    () => parseLimits(queues, [], ['queue:c=1/s'], 0),
    /--rate-limit: got "queue:c=1\/s", but --queues has a, b/,
  );
  assert.throws(() => parseLimits(queues, [], ['a=0/s'], 0), /expected a rate above 0/);
});

test('the shares of all processes add up to what was said', () => {
  const any = {
    of: fc.integer({ min: 1, max: 64 }),
    slots: fc.integer({ min: 1, max: 10_000 }),
    prefetch: fc.integer({ min: 0, max: 1000 }),
  };
  fc.assert(
    fc.property(fc.record(any), ({ of, slots, prefetch }) => {
      const limits = { queueSlots: { q: slots }, queueRates: { q: 3 }, typeRates: { t: 5 }, prefetch };
      const shares = Array.from({ length: of }, (_, index) => shareOf(limits, index, of));
      const sum = (value: (share: (typeof shares)[0]) => number) =>
        shares.reduce((all, share) => all + value(share), 0);
      assert.equal(
        sum((share) => share.queueSlots.q!),
        slots,
      );
      assert.equal(
        sum((share) => share.prefetch),
        prefetch,
      );
      assert.ok(Math.abs(sum((share) => share.queueRates.q!) - 3) < 1e-9);
      assert.ok(Math.abs(sum((share) => share.typeRates.t!) - 5) < 1e-9);
    }),
  );
  assert.deepEqual(shareOf(noLimits, 1, 3), noLimits);
});

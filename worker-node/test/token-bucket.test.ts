import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from '../src/token-bucket.ts';

test('a slow rate gives one at a time', () => {
  const bucket = new TokenBucket(2, 0);
  assert.equal(bucket.available(0), 1);
  assert.ok(bucket.take(0));
  assert.equal(bucket.take(0), false);
  assert.equal(bucket.waitMs(0), 500);
  assert.equal(bucket.take(499), false);
  assert.ok(bucket.take(500));
  assert.equal(bucket.available(10_000), 1, 'no more is saved up');
});

test('one that is taken by force delays the next ones', () => {
  const bucket = new TokenBucket(10, 0);
  assert.ok(bucket.take(0));
  bucket.force(0);
  assert.equal(bucket.available(100), 0);
  assert.equal(bucket.waitMs(100), 100);
  assert.ok(bucket.take(200));
});

test('more than can be saved up are not worth waiting for', () => {
  const bucket = new TokenBucket(39, 0);
  assert.equal(bucket.available(0), 3);
  assert.equal(bucket.waitMs(0, 4), Number.POSITIVE_INFINITY);
});

test('a question for the past changes nothing', () => {
  const bucket = new TokenBucket(1, 1000);
  assert.ok(bucket.take(0));
  assert.equal(bucket.available(1000), 0);
  assert.equal(bucket.waitMs(1000), 1000);
});

test('any rate, any looks at it: no more than the rate and what is saved up', () => {
  const any = fc.record({
    perS: fc.double({ min: 0.01, max: 1e6, noNaN: true }),
    stepsMs: fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 50 }),
  });
  fc.assert(
    fc.property(any, ({ perS, stepsMs }) => {
      const bucket = new TokenBucket(perS, 0);
      let nowMs = 0;
      let taken = 0;
      for (const stepMs of stepsMs) {
        nowMs += stepMs;
        for (let tries = 0; tries < 100 && bucket.take(nowMs); tries++) taken++;
      }
      assert.ok(taken <= (perS * nowMs) / 1000 + Math.max(1, perS / 10) + 1e-6);
    }),
  );
});

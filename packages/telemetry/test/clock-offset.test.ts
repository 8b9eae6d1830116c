import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bestOffset, ClockEstimator, type ClockExchange, chainOffsets } from '../src/clock-offset.ts';

/** An exchange over a wire of two known delays with a clock that is ahead by `offsetUs`. */
function exchange(atUs: number, there: number, back: number, offsetUs: number): ClockExchange {
  return { sentUs: atUs, atUs: atUs + there + offsetUs, receivedUs: atUs + there + back };
}

const delay = fc.integer({ min: 0, max: 500_000 });

test('whatever the ways there and back take, the true offset is within the error', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.array(fc.tuple(delay, delay), { minLength: 1, maxLength: 40 }),
      (offsetUs, delays) => {
        let nowUs = 1e15;
        const estimator = new ClockEstimator();
        for (const [there, back] of delays) {
          estimator.add(exchange(nowUs, there, back, offsetUs));
          nowUs += there + back + 1000;
        }
        const found = estimator.at(nowUs)!;
        assert.ok(Math.abs(found.offsetUs - offsetUs) <= found.errorUs + 1e-3, JSON.stringify(found));
        const shortest = Math.min(...delays.slice(-32).map(([there, back]) => there + back));
        const ageUs = 40 * 1_001_000;
        assert.ok(found.errorUs <= shortest / 2 + ageUs * 40e-6, 'the shortest round trip decides');
      },
    ),
  );
});

test('an old exchange is worth less than a fresh one that took a little longer', () => {
  const old = exchange(1e15, 100, 100, 0);
  const fresh = exchange(1e15 + 60e6, 500, 500, 2400); // it has drifted by 2.4 ms within the minute
  const found = bestOffset([old, fresh], 1e15 + 60e6 + 1000)!;
  assert.ok(Math.abs(found.offsetUs - 2400) <= found.errorUs && found.errorUs < 600, JSON.stringify(found));
});

test('with nothing to go by there is no offset', () => {
  assert.equal(new ClockEstimator().at(1), null);
  assert.equal(bestOffset([{ sentUs: 10, atUs: 5, receivedUs: 9 }], 20), null);
  assert.equal(bestOffset([{ sentUs: 1, atUs: Number.NaN, receivedUs: 9 }], 20), null);
  assert.equal(chainOffsets(null, { offsetUs: 1, errorUs: 1 }), null);
});

test('offsets and errors add up along a chain', () => {
  const sum = chainOffsets({ offsetUs: 300, errorUs: 10 }, { offsetUs: -1000, errorUs: 5 });
  assert.deepEqual(sum, { offsetUs: -700, errorUs: 15 });
});

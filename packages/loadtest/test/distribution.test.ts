import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Distribution, mostOf, quantileOf } from '../src/distribution.ts';

const near = (value: number, wanted: number, share: number) =>
  assert.ok(Math.abs(value - wanted) <= share * wanted, `${value}, expected ${wanted}`);

test('quantiles are those of the textbooks', () => {
  assert.equal(quantileOf({ kind: 'fixed', value: 7 }, 0.3), 7);
  assert.equal(quantileOf({ kind: 'uniform', from: 10, to: 20 }, 0.25), 12.5);
  near(quantileOf({ kind: 'exponential', mean: 10 }, 0.5), 10 * Math.LN2, 1e-12);
  near(quantileOf({ kind: 'exponential', mean: 10 }, 0.99), 46.0517, 1e-5);
  const lognormal: Distribution = { kind: 'lognormal', median: 20, p95: 100 };
  near(quantileOf(lognormal, 0.5), 20, 1e-9);
  near(quantileOf(lognormal, 0.95), 100, 1e-8);
  // Standard normal quantiles: z(0.99) = 2.326348, z(0.001) = -3.090232, z(0.01) = -2.326348.
  const sigma = Math.log(5) / 1.6448536269514722;
  near(quantileOf(lognormal, 0.99), 20 * Math.exp(sigma * 2.3263478740408408), 1e-8);
  near(quantileOf(lognormal, 0.01), 20 * Math.exp(sigma * -2.3263478740408408), 1e-8);
  near(quantileOf(lognormal, 0.001), 20 * Math.exp(sigma * -3.090232306167813), 1e-8);
});

const amount = fc.double({ min: 0.001, max: 1e6, noNaN: true });
const distribution: fc.Arbitrary<Distribution> = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), value: amount }),
  fc.tuple(amount, amount).map(([from, more]) => ({ kind: 'uniform' as const, from, to: from + more })),
  fc.record({ kind: fc.constant('exponential' as const), mean: amount }),
  fc.tuple(amount, amount).map(([median, more]) => ({ kind: 'lognormal' as const, median, p95: median + more })),
);
const share = fc.double({ min: 2 ** -33, max: 1 - 2 ** -33, noNaN: true });

test('a higher throw never gives less, none gives less than 0 or more than the most', () => {
  fc.assert(
    fc.property(distribution, share, share, (d, a, b) => {
      const [low, high] = [quantileOf(d, Math.min(a, b)), quantileOf(d, Math.max(a, b))];
      assert.ok(low >= 0 && low <= high * (1 + 1e-9) && high <= mostOf(d), `${low} ${high} ${mostOf(d)}`);
    }),
    { seed: 1 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitCurve, kneeSlots, peakSlots, rateAt } from '../../src/tune/usl.ts';

const near = (actual: number, expected: number, share: number) =>
  assert.ok(Math.abs(actual / expected - 1) <= share, `${actual} is not within ${share * 100}% of ${expected}`);

test('a curve is found again from points on it', () => {
  const curve = { lambda: 40, sigma: 0.0008, kappa: 2e-8 };
  const points = [250, 500, 1000, 2000, 4000, 8000].map((slots) => ({ slots, ratePerS: rateAt(curve, slots) }));
  const fitted = fitCurve(points)!;
  near(fitted.lambda, curve.lambda, 1e-6);
  near(fitted.sigma, curve.sigma, 1e-6);
  near(fitted.kappa, curve.kappa, 1e-6);
  near(peakSlots(fitted), Math.sqrt((1 - curve.sigma) / curve.kappa), 1e-6);
});

test('a rate that grows with the slots has no peak, and its knee is at the bound', () => {
  const points = [500, 1000, 2000, 4000].map((slots) => ({ slots, ratePerS: slots * 9.5 }));
  const curve = fitCurve(points)!;
  assert.equal(curve.kappa, 0);
  assert.equal(peakSlots(curve), Number.POSITIVE_INFINITY);
  near(kneeSlots(curve, 16_000), 0.97 * 16_000, 0.001);
});

test('the knee of a saturated curve lies before its top and gives the share that was asked for', () => {
  const curve = { lambda: 20, sigma: 0.0005, kappa: 0 };
  const knee = kneeSlots(curve, 16_000, 0.95);
  near(rateAt(curve, knee), 0.95 * rateAt(curve, 16_000), 1e-6);
  assert.ok(knee < 16_000);
});

test('noise never gives negative coefficients', () => {
  const points = [500, 1000, 2000, 4000].map((slots, at) => ({ slots, ratePerS: slots * 10 * (1 + 0.03 * (at % 2)) }));
  const { sigma, kappa } = fitCurve(points)!;
  assert.ok(sigma >= 0 && kappa >= 0);
});

test('fewer than three numbers of slots give no curve', () => {
  assert.equal(
    fitCurve([
      { slots: 500, ratePerS: 1 },
      { slots: 500, ratePerS: 2 },
      { slots: 1000, ratePerS: 3 },
    ]),
    null,
  );
});

// Student's t: how far a mean of few values may lie from the truth. Pure.

import { normalQuantile } from './distribution.ts';

/**
 * The t that a value with that many degrees of freedom exceeds in size with the probability `twoSided`, e.g. 0.01 for a 99%
 * interval. Within 0.1% from 3 degrees on, exact for 1 and 2 (Hill, algorithm 396, Comm. ACM 13(10), 1970). Degrees may be broken
 * numbers; below 1 they count as 1.
 */
export function studentT(twoSided: number, degreesOfFreedom: number): number {
  const n = Math.max(1, degreesOfFreedom);
  const p = Math.min(1, Math.max(1e-12, twoSided));
  if (n < 1.5) return 1 / Math.tan((p * Math.PI) / 2);
  if (n < 2.5) return Math.sqrt(2 / (p * (2 - p)) - 2);
  const a = 1 / (n - 0.5);
  const b = 48 / a ** 2;
  let c = ((20700 * a) / b - 98) * a ** 2 - 16 * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n;
  let y = (d * p) ** (2 / n);
  if (y > 0.05 + a) {
    const x = normalQuantile(p / 2);
    y = x ** 2;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y ** 2);
  } else {
    const e = 1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3);
    y = ((e + 0.5 / (n + 4)) * y - 1) * ((n + 1) / (n + 2)) + 1 / y;
  }
  return Math.sqrt(n * y);
}

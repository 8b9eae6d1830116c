// How a figure of a job is spread over the jobs (its service time, its size, its delay): a throw of the dice in, a value out.

export type Distribution =
  | { kind: 'fixed'; value: number }
  | { kind: 'uniform'; from: number; to: number }
  | { kind: 'exponential'; mean: number }
  /** Half of the values are below `median`, 95% below `p95`. */
  | { kind: 'lognormal'; median: number; p95: number };

/** Standard deviations from the middle to the 95th percentile of a normal distribution. */
const z95 = 1.6448536269514722;
/** No throw gives more than so many means of an exponential, or standard deviations of a lognormal. */
const mostMeans = 23;
const mostDeviations = 6.4;

const centre = {
  a: [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ],
  b: [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1],
} as const;
const tail = {
  a: [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  b: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
} as const;

const polynomial = (x: number, factors: readonly number[]): number =>
  factors.reduce((sum, factor) => sum * x + factor, 0);

/** The normal distribution's quantile, by P. J. Acklam's rational approximation (relative error below 1.2e-9). */
export function normalQuantile(u: number): number {
  if (u > 0.5) return -normalQuantile(1 - u);
  if (u < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(u));
    return polynomial(q, tail.a) / polynomial(q, tail.b);
  }
  const q = u - 0.5;
  return (q * polynomial(q * q, centre.a)) / polynomial(q * q, centre.b);
}

/** The value that a share `u` of all values does not exceed. 0 < u < 1 */
export function quantileOf(d: Distribution, u: number): number {
  switch (d.kind) {
    case 'fixed':
      return d.value;
    case 'uniform':
      return d.from + (d.to - d.from) * u;
    case 'exponential':
      return -d.mean * Math.log(1 - u);
    case 'lognormal':
      return d.median * Math.exp((Math.log(d.p95 / d.median) / z95) * normalQuantile(u));
  }
}

/** No value is above it. */
export function mostOf(d: Distribution): number {
  switch (d.kind) {
    case 'fixed':
      return d.value;
    case 'uniform':
      return d.to;
    case 'exponential':
      return d.mean * mostMeans;
    case 'lognormal':
      return d.median * Math.exp((Math.log(d.p95 / d.median) / z95) * mostDeviations);
  }
}

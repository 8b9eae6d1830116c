// Finds the stretch of a run in which its rate was steady, by a rule and never by eye. Pure.
//
// The rule, over completions per bucket: the first and the last bucket are cut off (they are partial); the warm-up is cut where
// the standard error of the rest is least (MSER: White, "An effective truncation heuristic for bias reduction in simulation
// output", Simulation 69(6), 1997), and the ebb at the end in the same way, each at most a third of the run; what is left
// must be a second or more, without a gap that chance or the jobs' own length can't explain, and its two halves may differ by
// 20% at most, or by what chance explains at low counts.

import type { RateSeries } from '@jobstorm/telemetry';

export interface SteadyWindow {
  /** Epoch milliseconds. */
  startMs: number;
  lengthS: number;
  /** Completions in the window. */
  jobs: number;
  perS: number;
}

const leastMs = 1000;
const halvesMayDiffer = 0.2;
/** Mean times between two completions that a gap may last: chance alone makes a longer one once in e^10. */
const gapIntervals = 10;
const gapLeastMs = 300;
/** Slots that started together end together, so completions come in waves of the service time. */
const gapServiceTimes = 1.5;

/** How many leading values to cut so that the standard error of the rest is least; at most `limit`. */
function warmUp(values: readonly number[], limit: number): number {
  let sum = 0;
  let squares = 0;
  let best = 0;
  let bestScore = Number.POSITIVE_INFINITY;
  for (let at = values.length - 1; at >= 0; at--) {
    sum += values[at]!;
    squares += values[at]! ** 2;
    const n = values.length - at;
    const score = (squares - sum ** 2 / n) / n ** 2;
    if (at <= limit && score <= bestScore) {
      bestScore = score;
      best = at;
    }
  }
  return best;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The longest stretch of empty buckets, in buckets. */
function longestGap(counts: readonly number[]): number {
  let longest = 0;
  let gap = 0;
  for (const count of counts) {
    gap = count === 0 ? gap + 1 : 0;
    longest = Math.max(longest, gap);
  }
  return longest;
}

/** null: the run was too short, or its rate never settled. `serviceMs`: how long handlers take on average. */
export function findSteadyWindow(series: RateSeries, serviceMs = 0): SteadyWindow | null {
  const { counts, bucketMs, firstBucket } = series;
  let from = counts.findIndex((count) => count > 0);
  let to = counts.length;
  while (to > 0 && counts[to - 1] === 0) to--;
  if (from < 0) return null;
  from += 1;
  to -= 1;
  const least = Math.ceil(leastMs / bucketMs);
  if (to - from < least) return null;

  const limit = Math.floor((to - from) / 3);
  const whole = counts.slice(from, to);
  const head = warmUp(whole, limit);
  const tail = warmUp(whole.slice(head).reverse(), limit);
  from += head;
  to -= tail;
  if (to - from < least) return null;

  const middle = from + Math.floor((to - from) / 2);
  const before = sumOf(counts.slice(from, middle)) / (middle - from);
  const after = sumOf(counts.slice(middle, to)) / (to - middle);
  const jobs = sumOf(counts.slice(from, to));
  // Three standard errors of the difference of two Poisson counts of this size, relative to the mean.
  const byChance = jobs > 0 ? 3 * Math.sqrt(4 / jobs) : 0;
  const mean = (before + after) / 2;
  if (mean === 0 || Math.abs(before - after) / mean > Math.max(halvesMayDiffer, byChance)) return null;
  const lengthMs = (to - from) * bucketMs;
  const gapMs = longestGap(counts.slice(from, to)) * bucketMs;
  if (gapMs > Math.max(gapLeastMs, (gapIntervals * lengthMs) / jobs, gapServiceTimes * serviceMs)) return null;
  const lengthS = lengthMs / 1000;
  return { startMs: (firstBucket + from) * bucketMs, lengthS, jobs, perS: jobs / lengthS };
}

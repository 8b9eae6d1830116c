// How well a percentile is known, from histograms. Pure; randomness is passed in.
//
// Of windows of a run: blocks of neighbouring windows are drawn again and again, with repeats, and the percentile of each draw's
// sum is taken; the middle 95% of them are the interval (a block bootstrap: Künsch, "The jackknife and the bootstrap for general
// stationary observations", Annals of Statistics 17(3), 1989). Jobs of a window are alike, so it is windows that are drawn. Of one
// histogram alone: the ranks that chance puts a percentile between, which takes every job for an independent value and is too narrow.

import type { Histogram } from '@jobstorm/telemetry';

export interface Interval {
  low: number;
  high: number;
}

/** Below this a p99.9 is not told: ten values or fewer would lie above it. */
export const leastForP999 = 10_000;
const fewestWindows = 5;
const mostWindows = 64;
const draws = 400;
const tail = 0.025;

/** Windows as running sums over the buckets that any of them uses: a draw then is a search, not a sum of histograms. */
interface Rows {
  /** By window: how many of its values lie in the buckets up to that one. */
  upTo: Float64Array[];
  /** The same of the whole. */
  all: Float64Array;
}

function rowsOf(windows: readonly Histogram[], whole: Histogram): Rows {
  const used = whole.toJSON().buckets.filter((_, i) => i % 2 === 0);
  const place = new Map(used.map((bucket, at) => [bucket, at]));
  const rowOf = (histogram: Histogram): Float64Array => {
    const row = new Float64Array(used.length);
    const { buckets } = histogram.toJSON();
    for (let i = 0; i < buckets.length; i += 2) row[place.get(buckets[i]!)!] = buckets[i + 1]!;
    for (let i = 1; i < row.length; i++) row[i]! += row[i - 1]!;
    return row;
  };
  return { upTo: joined(windows).map(rowOf), all: rowOf(whole) };
}

function sumOf(windows: readonly Histogram[]): Histogram {
  const sum = windows[0]!.since(windows[0]!);
  for (const window of windows) sum.merge(window);
  return sum;
}

/** Neighbours are merged until there are at most `mostWindows`. */
function joined(windows: readonly Histogram[]): Histogram[] {
  const size = Math.ceil(windows.length / mostWindows);
  const all: Histogram[] = [];
  for (let at = 0; at < windows.length; at += size) all.push(sumOf(windows.slice(at, at + size)));
  return all;
}

/** Which windows a draw takes: blocks of neighbours, cyclic, as many as make up all windows again. */
function drawOf(windows: number, block: number, random: () => number): number[] {
  const drawn: number[] = [];
  while (drawn.length < windows) {
    const from = Math.floor(random() * windows);
    for (let k = 0; k < block && drawn.length < windows; k++) drawn.push((from + k) % windows);
  }
  return drawn;
}

/** The share of all values that lie in the buckets up to the one where the draw has its percentile. */
function rankOf({ upTo, all }: Rows, drawn: readonly number[], p: number): number {
  const countAt = (bucket: number) => drawn.reduce((sum, window) => sum + upTo[window]![bucket]!, 0);
  const wanted = (p / 100) * countAt(all.length - 1) * (1 - 1e-9);
  let low = 0;
  let high = all.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (countAt(middle) >= wanted) high = middle;
    else low = middle + 1;
  }
  // In the middle of the bucket, so that the percentile of this share is the bucket's value.
  return (all[low]! - 0.5) / all.at(-1)!;
}

/**
 * 95% interval of percentile `p` (0 … 100), in the histograms' unit, of `windows` of one run in order, without gaps.
 * null: too few windows or no value.
 */
export function bootstrapInterval(windows: readonly Histogram[], p: number, random: () => number): Interval | null {
  const used = windows.filter(({ count }) => count > 0);
  if (used.length < fewestWindows) return null;
  const whole = sumOf(used);
  const rows = rowsOf(used, whole);
  const windowsUsed = rows.upTo.length;
  // The usual order of a block's length: the cube root of how many there are.
  const block = Math.max(1, Math.round(Math.cbrt(windowsUsed)));
  const ranks = Array.from({ length: draws }, () => rankOf(rows, drawOf(windowsUsed, block, random), p));
  ranks.sort((a, b) => a - b);
  const at = (share: number) => whole.percentile(share * 100);
  return { low: at(ranks[Math.floor(tail * draws)]!), high: at(ranks[Math.ceil((1 - tail) * draws) - 1]!) };
}

/** 95% interval of percentile `p` of one histogram, every value taken for independent; null when it is empty. */
export function rankInterval(histogram: Histogram, p: number): Interval | null {
  const { count } = histogram;
  if (count === 0) return null;
  const share = p / 100;
  const half = 1.96 * Math.sqrt((share * (1 - share)) / count);
  const at = (part: number) => histogram.percentile(Math.min(100, Math.max(0, part * 100)));
  return { low: at(share - half), high: at(share + half) };
}

// How well a run's rate and latencies are known, and how much they vary within it: what comparisons and baselines judge by. Pure.

import { Histogram, type RateSeries } from '@jobstorm/telemetry';
import { batchMeans, varianceOf } from './batch-means.ts';
import { bootstrapInterval, type Interval, rankInterval } from './percentile-interval.ts';
import { seededRandom } from './random.ts';
import type { SteadyWindow } from './steady.ts';

/** A 95% interval, and how the values of stretches of the run vary. */
export interface Known extends Interval {
  /** Standard deviation of the logarithms of the stretches' values, so roughly relative; null: too few stretches. */
  spread: number | null;
  /** Stretches that were looked at; 0: jobs were taken one by one, as if independent, and the interval is too narrow. */
  batches: number;
}

export interface Precision {
  /** The stretch that the rate is from, epoch milliseconds; null: none was steady. */
  steadyWindow: { startMs: number; endMs: number; jobs: number } | null;
  /** Jobs a second; null without a steady window. `effectiveSamples`: independent 100 ms stretches that would tell as much. */
  completePerS: (Known & { batchS: number; effectiveSamples: number }) | null;
  /** Of endToEnd, microseconds; null: no job was completed. */
  latencyUs: Record<'p50' | 'p95' | 'p99', Known> | null;
}

const percentiles = { p50: 50, p95: 95, p99: 99 } as const;
const batchesOfWindows = 10;
const fewest = 5;

function logSpread(values: readonly number[]): number | null {
  const positive = values.filter((value) => value > 0);
  return positive.length < fewest ? null : Math.sqrt(varianceOf(positive.map(Math.log)));
}

function rateKnown(series: RateSeries, window: SteadyWindow): Precision['completePerS'] {
  const from = window.startMs / series.bucketMs - series.firstBucket;
  const counts = series.counts.slice(from, from + Math.round((window.lengthS * 1000) / series.bucketMs));
  const found = batchMeans(counts);
  if (!found) return null;
  const perS = 1000 / series.bucketMs;
  return {
    low: found.low * perS,
    high: found.high * perS,
    spread: logSpread(found.means),
    batches: found.means.length,
    batchS: (found.size * series.bucketMs) / 1000,
    effectiveSamples: Math.round(found.effectiveSamples),
  };
}

/** Windows that follow each other, merged into `batchesOfWindows` or as many as there are. */
function mergedBatches(windows: readonly Histogram[]): Histogram[] {
  const used = windows.filter(({ count }) => count > 0);
  const size = Math.max(1, Math.floor(used.length / batchesOfWindows));
  const all: Histogram[] = [];
  for (let at = 0; at + size <= used.length; at += size) {
    const sum = new Histogram();
    for (const window of used.slice(at, at + size)) sum.merge(window);
    all.push(sum);
  }
  return all;
}

function latencyKnown(whole: Histogram, windows: readonly Histogram[]): Precision['latencyUs'] {
  if (whole.count === 0) return null;
  const batches = mergedBatches(windows);
  const entries = Object.entries(percentiles).map(([name, p]) => {
    const interval = bootstrapInterval(windows, p, seededRandom(p));
    const known: Known = interval
      ? { ...interval, spread: logSpread(batches.map((batch) => batch.percentile(p))), batches: batches.length }
      : { ...rankInterval(whole, p)!, spread: null, batches: 0 };
    return [name, known];
  });
  return Object.fromEntries(entries) as Precision['latencyUs'];
}

/** `windows`: endToEnd by stretches of the run, in order; none where it was not watched. */
export function precisionOf(o: {
  series: RateSeries | null;
  steady: SteadyWindow | null;
  endToEnd: Histogram | undefined;
  windows: readonly Histogram[];
}): Precision {
  const { series, steady, endToEnd, windows } = o;
  return {
    steadyWindow: steady && {
      startMs: steady.startMs,
      endMs: steady.startMs + steady.lengthS * 1000,
      jobs: steady.jobs,
    },
    completePerS: series && steady ? rateKnown(series, steady) : null,
    latencyUs: endToEnd ? latencyKnown(endToEnd, windows) : null,
  };
}

/** Dotted path of each null in it, below `precision`, and why it is one. */
export function precisionGaps({ steadyWindow, completePerS, latencyUs }: Precision): Record<string, string> {
  const gaps: Record<string, string> = {};
  const unsteady = 'no part of the run was steady';
  if (steadyWindow === null) gaps.steadyWindow = unsteady;
  if (completePerS === null) gaps.completePerS = steadyWindow ? 'the steady window has too few stretches' : unsteady;
  else if (completePerS.spread === null) gaps['completePerS.spread'] = 'stretches without any completed job';
  if (latencyUs === null) gaps.latencyUs = 'no worker reported a completed job';
  for (const [name, known] of Object.entries(latencyUs ?? {})) {
    if (known.spread === null)
      gaps[`latencyUs.${name}.spread`] = 'the run was not watched in stretches, or too few of them';
  }
  return gaps;
}

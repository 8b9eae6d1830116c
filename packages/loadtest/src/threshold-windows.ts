// Thresholds over a window: `completePerS>5000@10s` holds when it holds in each 10 s of the run. Pure.
//
//   stretches   |--|--|--|--|--|--|--|--|--|--|--      half seconds, say, from the first completed job on
//   windows     |-----------|-----------|              what is left at the end is no window
//
// Invariant: a percentile is of all jobs of its window, never of percentiles.

import { Histogram } from '@jobstorm/telemetry';
import type { Threshold } from './thresholds.ts';
import type { TimelineCounts } from './timeline.ts';

/** What happened between two readings. */
export interface Stretch {
  lengthS: number;
  counts: TimelineCounts;
  /** endToEnd of the jobs completed meanwhile; null: none. */
  latency: Histogram | null;
}

interface Window {
  lengthS: number;
  counts: Pick<TimelineCounts, 'accepted' | 'completed' | 'failed' | 'retried' | 'duplicated'>;
  latency: Histogram;
}

const counted = ['accepted', 'completed', 'failed', 'retried', 'duplicated'] as const;
const percentiles: Record<string, number> = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 };
/** Stretches are a little off their half second. */
const slackS = 0.05;

/** Whether that figure can be told of a window. */
export function hasWindows([root, second, third]: readonly string[]): boolean {
  if (root === 'throughput') return second === 'completePerS' || second === 'submitPerS';
  if (root === 'latencyUs')
    return second === 'endToEnd' && (third === 'max' || third === 'count' || Object.hasOwn(percentiles, third!));
  return root === 'jobs' && (counted as readonly string[]).includes(second!);
}

function emptyWindow(): Window {
  return {
    lengthS: 0,
    counts: { accepted: 0, completed: 0, failed: 0, retried: 0, duplicated: 0 },
    latency: new Histogram(),
  };
}

/** The whole windows of that length, one after the other, from the first stretch with a completed job on. */
function windowsOf(stretches: readonly Stretch[], windowS: number): Window[] {
  const windows: Window[] = [];
  let open = emptyWindow();
  const first = stretches.findIndex(({ counts }) => counts.completed > 0);
  for (const { lengthS, counts, latency } of first < 0 ? [] : stretches.slice(first)) {
    open.lengthS += lengthS;
    for (const name of counted) open.counts[name] += counts[name];
    if (latency) open.latency.merge(latency);
    if (open.lengthS < windowS - slackS) continue;
    windows.push(open);
    open = emptyWindow();
  }
  return windows;
}

/** null: nothing that could be told, as the latency of a window without jobs. */
function figureIn({ lengthS, counts, latency }: Window, [root, second, third]: readonly string[]): number | null {
  if (root === 'throughput') return (second === 'completePerS' ? counts.completed : counts.accepted) / lengthS;
  if (root === 'jobs') return counts[second as keyof Window['counts']];
  if (third === 'count') return latency.count;
  if (latency.count === 0) return null;
  return third === 'max' ? latency.max : latency.percentile(percentiles[third!]!);
}

/** The figure in each whole window; empty: the run had none. */
export function windowValues({ path, windowS }: Threshold, stretches: readonly Stretch[]): number[] {
  if (windowS === null) return [];
  return windowsOf(stretches, windowS).flatMap((window) => figureIn(window, path) ?? []);
}

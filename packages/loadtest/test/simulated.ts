// Results of runs that never took place, from a seed: completions with noise as runs have it, through the same code as real ones.

import { Histogram } from '@jobstorm/telemetry';
import { buildResult } from '../src/build-result.ts';
import { joinRepeats } from '../src/repeats.ts';
import type { RunResult } from '../src/result.ts';
import { noCounts } from '../src/timeline.ts';
import { aPlan, someMeasured } from './fixtures.ts';
import { type NoisyRun, noisyCounts } from './noise.ts';

export interface Simulated {
  noise: Omit<NoisyRun, 'perBucket' | 'buckets'>;
  seconds: number;
  repeats: number;
  perS: number;
  /** An open run: latencies count. */
  open?: boolean;
}

const startUs = 1_700_000_000_000_000;

function windowOf(jobs: number, levelUs: number, normal: () => number): Histogram {
  const window = new Histogram();
  for (let i = 0; i < jobs; i++) window.record(levelUs * Math.exp(0.4 * normal()));
  return window;
}

/** Half seconds whose latency wanders as the completions do, the other way. */
function windowsOf(counts: readonly number[], perBucket: number, normal: () => number): Histogram[] {
  const windows: Histogram[] = [];
  for (let at = 0; at < counts.length; at += 5) {
    const own = counts.slice(at, at + 5);
    const level = own.reduce((sum, count) => sum + count, 0) / own.length / perBucket;
    windows.push(windowOf(40, 10_000 / Math.max(0.1, level), normal));
  }
  return windows;
}

function oneRun(s: Simulated, normal: () => number): RunResult {
  const perBucket = s.perS / 10;
  const buckets = s.seconds * 10;
  const counts = noisyCounts({ ...s.noise, buckets, perBucket }, normal);
  const completed = counts.reduce((sum, count) => sum + count, 0);
  const windows = s.open ? windowsOf(counts, s.perS / 10, normal) : [];
  const endToEnd = new Histogram();
  endToEnd.record(10_000);
  for (const window of windows) endToEnd.merge(window);
  const base = someMeasured();
  const cost = 1 + 0.02 * normal();
  const usage = { coreSeconds: (completed / 100_000) * cost, usedCores: 0.5, rssBytes: 50_000_000 };
  return buildResult({
    ...base,
    plan: aPlan({ jobs: completed, ratePerS: s.open ? s.perS : null }),
    config: { jobs: 1, rate: s.open ? 5000 : null },
    totals: { ...base.totals, submitted: completed, accepted: completed, lastReplyUs: startUs + s.seconds * 1e6 },
    done: {
      ...base.done,
      completed,
      lastAckUs: startUs + s.seconds * 1e6,
      series: { bucketMs: 100, firstBucket: startUs / 100_000, counts },
    },
    phases: { ...base.phases, endToEnd },
    // Of several runs it is their values that count, not how well each is known.
    stretches: s.repeats === 1 ? windows.map((latency) => ({ lengthS: 0.5, counts: { ...noCounts }, latency })) : [],
    parts: {
      ...base.parts,
      api: { usage, capCores: 1 },
      server: { usage, capCores: 1 },
      workers: { usage, capCores: 2 },
    },
  });
}

export function simulate(s: Simulated, normal: () => number): RunResult {
  return joinRepeats(Array.from({ length: s.repeats }, () => oneRun(s, normal)));
}

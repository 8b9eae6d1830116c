// Which threshold a run has broken already, while it goes on. Pure: `(thresholds, what is known so far) → the broken one`.
// Windows count once they are whole, counts of jobs at once since they never fall, rates and latencies over the run from 5 s on.

import type { Histogram } from '@jobstorm/telemetry';
import type { Stretch } from './threshold-windows.ts';
import { holds, judgeThresholds, type Threshold } from './thresholds.ts';

export const abortFromS = 5;

/** A run that goes on. */
export interface SoFar {
  stretches: readonly Stretch[];
  /** endToEnd of all jobs. */
  latency: Histogram;
}

const onlyGrows = new Set(['failed', 'duplicated', 'retried']);

function figuresOf({ stretches, latency }: SoFar): { result: object; lengthS: number } {
  const sum = (name: 'accepted' | 'completed' | 'failed' | 'duplicated' | 'retried') =>
    stretches.reduce((total, { counts }) => total + counts[name], 0);
  const first = stretches.findIndex(({ counts }) => counts.completed > 0);
  const lengthS = first < 0 ? 0 : stretches.slice(first).reduce((total, stretch) => total + stretch.lengthS, 0);
  const perS = (count: number) => (lengthS > 0 ? count / lengthS : null);
  const at = (p: number) => latency.percentile(p);
  const endToEnd = { p50: at(50), p90: at(90), p95: at(95), p99: at(99), p999: at(99.9), max: latency.max };
  return {
    lengthS,
    result: {
      throughput: { completePerS: perS(sum('completed')), submitPerS: perS(sum('accepted')) },
      jobs: { failed: sum('failed'), duplicated: sum('duplicated'), retried: sum('retried') },
      latencyUs: { endToEnd: latency.count > 0 ? endToEnd : null },
    },
  };
}

/** Whether it can only get worse: `failed<10` at 12, never `failed>10` at 2. */
function isFinal({ path, operator }: Threshold): boolean {
  return path[0] === 'jobs' && onlyGrows.has(path[1]!) && ['<', '<=', '=='].includes(operator);
}

/** The first threshold that is broken; null: none so far. */
export function brokenThreshold(thresholds: readonly Threshold[], soFar: SoFar): Threshold | null {
  const { result, lengthS } = figuresOf(soFar);
  for (const threshold of thresholds) {
    const [judged] = judgeThresholds([threshold], result, soFar.stretches);
    const { value } = judged!;
    if (value === null || judged!.passed) continue;
    if (threshold.windowS !== null) return threshold;
    if (threshold.path[0] === 'jobs' ? isFinal(threshold) && !holds(value, threshold) : lengthS >= abortFromS)
      return threshold;
  }
  return null;
}

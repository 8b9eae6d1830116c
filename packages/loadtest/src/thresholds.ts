// Thresholds that a run must keep, in k6's manner: `completePerS>70000`, `latency.p99<50ms`, and over each window of the run
// `latency.p99<50ms@10s`. Pure: parse, then judge a result.

import { JobstormError } from '@jobstorm/protocol';
import { phaseNames } from '@jobstorm/telemetry';
import { valueAt } from './figures.ts';
import { hasWindows, type Stretch, windowValues } from './threshold-windows.ts';

export interface Threshold {
  /** As it was given. */
  expression: string;
  /** Path in the result's JSON. */
  path: readonly string[];
  operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  limit: number;
  /** It has to hold in each stretch of that length; null: over the run as a whole. */
  windowS: number | null;
}

export interface JudgedThreshold {
  expression: string;
  /** What was measured, of windows the worst one; null: it was not, and the threshold failed. */
  value: number | null;
  passed: boolean;
}

const shortNames: Record<string, readonly string[]> = {
  submitPerS: ['throughput', 'submitPerS'],
  completePerS: ['throughput', 'completePerS'],
  lost: ['jobs', 'lost'],
  failed: ['jobs', 'failed'],
  duplicated: ['jobs', 'duplicated'],
};
const phases: readonly string[] = phaseNames;
const quantities = ['p50', 'p90', 'p95', 'p99', 'p999', 'max', 'count'];
const roots = ['jobs', 'queue', 'throughput', 'latencyUs', 'cost', 'cpu'];
const windowUnitS: Record<string, number> = { ms: 0.001, s: 1, m: 60 };
const unitUs: Record<string, number> = { us: 1, ms: 1000, s: 1_000_000 };

function resolvePath(name: string): readonly string[] | null {
  const short = shortNames[name];
  if (short) return short;
  const parts = name.split('.');
  const [head, second, third] = parts as [string, string | undefined, string | undefined];
  if (head === 'latency' && parts.length === 2 && quantities.includes(second!))
    return ['latencyUs', 'endToEnd', second!];
  if (head === 'latency' && parts.length === 3 && phases.includes(second!) && quantities.includes(third!)) {
    return ['latencyUs', second!, third!];
  }
  return roots.includes(head) && parts.length >= 2 ? parts : null;
}

/** @throws JobstormError ETHRESHOLD naming what is wrong with it */
export function parseThreshold(text: string): Threshold {
  const match =
    /^\s*([A-Za-z0-9.]+)\s*(<=|>=|==|!=|<|>)\s*([0-9]+(?:\.[0-9]+)?(?:[eE][0-9]+)?)\s*(us|ms|s)?\s*(?:@\s*([0-9.]+)(ms|s|m))?\s*$/.exec(
      text,
    );
  const path = match ? resolvePath(match[1]!) : null;
  const time = path?.[0] === 'latencyUs' && path[2] !== 'count';
  if (!match || !path || (match[4] && !time)) {
    throw new JobstormError(
      'ETHRESHOLD',
      `"${text}" is no threshold; expected the like of completePerS>70000, latency.p99<50ms or lost==0`,
    );
  }
  const limit = Number(match[3]) * (match[4] ? unitUs[match[4]]! : 1);
  const windowS = match[5] === undefined ? null : windowLength(text, match[5], match[6]!);
  if (windowS !== null && !hasWindows(path)) {
    throw new JobstormError(
      'ETHRESHOLD',
      `"${text}" can't be told of a window; completePerS, submitPerS, latency.p50 to p999 and max, and counts of jobs can`,
    );
  }
  return { expression: text.trim(), path, operator: match[2] as Threshold['operator'], limit, windowS };
}

function windowLength(text: string, length: string, unit: string): number {
  const seconds = Number(length) * windowUnitS[unit]!;
  if (seconds >= 1 && seconds <= 86_400) return seconds;
  throw new JobstormError('ETHRESHOLD', `"${text}" has a window of ${length}${unit}, expected 1s to 24h, like @10s`);
}

/** Whether that value keeps it. */
export function holds(value: number, { operator, limit }: Threshold): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}

/** The worst of them: for an upper limit the largest, for a lower one the smallest, else one that breaks it. */
function worstOf(values: readonly number[], threshold: Threshold): number | null {
  if (values.length === 0) return null;
  if (threshold.operator.startsWith('<')) return Math.max(...values);
  if (threshold.operator.startsWith('>')) return Math.min(...values);
  return values.find((value) => !holds(value, threshold)) ?? values[0]!;
}

function measuredFor(threshold: Threshold, result: object, stretches: readonly Stretch[]): number | null {
  if (threshold.windowS !== null) return worstOf(windowValues(threshold, stretches), threshold);
  const value = valueAt(result, threshold.path.join('.'));
  return typeof value === 'number' ? value : null;
}

/** Judges each; what the result does not hold as a number, or no whole window of the run, fails. */
export function judgeThresholds(
  thresholds: readonly Threshold[],
  result: object,
  stretches: readonly Stretch[] = [],
): JudgedThreshold[] {
  return thresholds.map((threshold) => {
    const value = measuredFor(threshold, result, stretches);
    return { expression: threshold.expression, value, passed: value !== null && holds(value, threshold) };
  });
}

/** Whether any of them judges the rate of the run as a whole. */
export function judgesRate(thresholds: readonly Threshold[]): boolean {
  return thresholds.some(({ path, windowS }) => path[0] === 'throughput' && windowS === null);
}

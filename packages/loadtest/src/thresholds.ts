// Thresholds that a run must keep, in k6's manner: `completePerS>70000`, `latency.p99<50ms`. Pure: parse, then judge a result.

import { JobstormError } from '@jobstorm/protocol';

export interface Threshold {
  /** As it was given. */
  expression: string;
  /** Path in the result's JSON. */
  path: readonly string[];
  operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  limit: number;
}

export interface JudgedThreshold {
  expression: string;
  /** What was measured; null: it was not, and the threshold failed. */
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
const phases = ['endToEnd', 'submit', 'batchWait', 'push', 'queueWait', 'dispatch', 'service', 'ack'];
const quantities = ['p50', 'p90', 'p95', 'p99', 'max', 'count'];
const roots = ['jobs', 'queue', 'throughput', 'latencyUs', 'cost', 'cpu'];
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
  const match = /^\s*([A-Za-z0-9.]+)\s*(<=|>=|==|!=|<|>)\s*([0-9]+(?:\.[0-9]+)?(?:[eE][0-9]+)?)\s*(us|ms|s)?\s*$/.exec(
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
  return { expression: text.trim(), path, operator: match[2] as Threshold['operator'], limit };
}

function holds(value: number, { operator, limit }: Threshold): boolean {
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

/** Judges each; what the result does not hold as a number fails. */
export function judgeThresholds(thresholds: readonly Threshold[], result: object): JudgedThreshold[] {
  return thresholds.map((threshold) => {
    let value: unknown = result;
    for (const key of threshold.path) value = (value as Record<string, unknown> | null | undefined)?.[key];
    if (typeof value !== 'number') return { expression: threshold.expression, value: null, passed: false };
    return { expression: threshold.expression, value, passed: holds(value, threshold) };
  });
}

/** Whether any of them judges a rate. */
export function judgesRate(thresholds: readonly Threshold[]): boolean {
  return thresholds.some(({ path }) => path[0] === 'throughput');
}

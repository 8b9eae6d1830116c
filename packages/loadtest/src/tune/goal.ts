// What a tuning is after, and how a measurement scores under it. Pure.

import { JobstormError } from '@jobstorm/protocol';
import { parseThreshold } from '../thresholds.ts';
import type { Bottleneck } from '../verdict.ts';

/** What one trial of a setting measured. */
export interface Measured {
  /** Capacity: unique acknowledged jobs a second of a closed run's steady window. */
  ratePerS: number;
  /** Cores that the workers used; null: not known. */
  usedCores: number | null;
  /** End to end, of an open run at a share of that capacity, in µs; null: not measured. */
  p99Us: number | null;
  bottleneck: Bottleneck;
  /** Standard error of the rate as the trial itself shows it, relative; null or not set: not known. */
  errorShare?: number | null;
}

export type Goal = { kind: 'rate' } | { kind: 'rate-per-core' } | { kind: 'p99'; limitUs: number };

/** `rate`, `rate-per-core` or `p99<50ms`. @throws JobstormError EGOAL */
export function parseGoal(text: string): Goal {
  const name = text.trim();
  if (name === 'rate' || name === 'rate-per-core') return { kind: name };
  try {
    const { path, operator, limit } = parseThreshold(`latency.${name}`);
    if (path.join('.') === 'latencyUs.endToEnd.p99' && operator === '<' && limit > 0) {
      return { kind: 'p99', limitUs: limit };
    }
  } catch {
    // said below, in the words of a goal
  }
  throw new JobstormError('EGOAL', `"${text}" is no goal; expected rate, rate-per-core or the like of p99<50ms`);
}

export function describeGoal(goal: Goal): string {
  if (goal.kind === 'rate') return 'the highest rate';
  if (goal.kind === 'rate-per-core') return 'the highest rate a core';
  return `the highest rate with p99 under ${goal.limitUs / 1000} ms`;
}

export function ratePerCore({ ratePerS, usedCores }: Measured): number | null {
  return usedCores === null || usedCores === 0 ? null : ratePerS / usedCores;
}

/** True when nothing of the goal forbids it. */
export function isAllowed(goal: Goal, { p99Us }: Measured): boolean {
  return goal.kind !== 'p99' || (p99Us !== null && p99Us < goal.limitUs);
}

/** The higher the better; what the goal forbids scores less the further off it is, so that a search finds its way back. */
export function scoreOf(goal: Goal, measured: Measured): number {
  if (goal.kind === 'rate-per-core') return ratePerCore(measured) ?? 0;
  if (isAllowed(goal, measured) || goal.kind === 'rate') return measured.ratePerS;
  const excess = measured.p99Us === null ? 10 : measured.p99Us / goal.limitUs;
  return measured.ratePerS / (10 * excess);
}

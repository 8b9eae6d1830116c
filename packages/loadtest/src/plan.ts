// A run, decided before it starts: how many jobs, of what kind, where to, and when. Invariant: sequence numbers are 0 … jobs-1
// and every job carries `custom: {run, seq, due}`, so that each can be followed to its end.

import { type JobShape, retriesOf } from './jobtypes.ts';

export type Via = 'batch' | 'api' | 'direct';

export interface RunPlan {
  /** Short, unique, safe in a URL path. */
  run: string;
  jobs: number;
  shape: JobShape;
  queue: string;
  retry: number;
  /** Seconds: the least that servers take, so that a killed worker's jobs come back soon. */
  reserveFor: number;
  via: Via;
  /** Jobs a second of an open run; null: closed, as fast as they are taken. */
  ratePerS: number | null;
}

/** `r` + milliseconds in base 36 + four random base-36 digits. `random` gives 0 ≤ x < 1. */
export function newRunId(nowMs: number, random: () => number): string {
  const tail = Math.floor(random() * 36 ** 4).toString(36);
  return `r${Math.floor(nowMs).toString(36)}${tail.padStart(4, '0')}`;
}

/** Fills in what follows from the rest: `retry` and `reserveFor`. */
export function makePlan(o: Omit<RunPlan, 'retry' | 'reserveFor'>): RunPlan {
  return { ...o, retry: retriesOf(o.shape.jobtype), reserveFor: 60 };
}

/** Whether a failed handler run is the end of a job. */
export function failureIsFinal(plan: RunPlan): boolean {
  return plan.retry === 0;
}

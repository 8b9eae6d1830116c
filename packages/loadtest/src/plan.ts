// A run, decided before it starts: how many jobs, of what kind, where to, and when. Invariant: sequence numbers are 0 … jobs-1
// and every job carries `custom: {run, seq, due}`, so that each can be followed to its end.

import { type JobShape, retriesOf } from './jobtypes.ts';
import { closedLoad, type LoadModel } from './load-model.ts';
import type { Mix } from './mix.ts';

export type Via = 'batch' | 'api' | 'direct';
/** What of a run is measured: taking jobs in, running them, or both at the same time. */
export type MeasuredPart = 'both' | 'enqueue' | 'process';

export interface RunPlan {
  /** Short, unique, safe in a URL path. */
  run: string;
  jobs: number;
  shape: JobShape;
  queue: string;
  /** All that its jobs go to. */
  queues: readonly string[];
  retry: number;
  /** Seconds: the least that servers take, so that a killed worker's jobs come back soon. */
  reserveFor: number;
  via: Via;
  /** Jobs a second of an open run, on average; null: closed, as fast as they are taken. */
  ratePerS: number | null;
  load: LoadModel;
  /** Jobs of several kinds; null: all are of `shape`. */
  mix: Mix | null;
  /** Workers are started only when all jobs are queued. */
  held: boolean;
  measured: MeasuredPart;
  /** Whether workers time its jobs or only keep its ledger, as every job says then; not set: they time them, and jobs say nothing. */
  recorded?: boolean;
}

/** The text before a job's sequence number. What a job says of recording is as long either way, so that it costs the same to read. */
export function customStart({ run, recorded }: RunPlan): string {
  const mark = recorded === undefined ? '' : `"record":${recorded ? 1 : 0},`;
  return `,"custom":{"run":${JSON.stringify(run)},${mark}"seq":`;
}

/** `r` + milliseconds in base 36 + four random base-36 digits. `random` gives 0 ≤ x < 1. */
export function newRunId(nowMs: number, random: () => number): string {
  const tail = Math.floor(random() * 36 ** 4).toString(36);
  return `r${Math.floor(nowMs).toString(36)}${tail.padStart(4, '0')}`;
}

/** What a plain run leaves unsaid. */
type Unsaid = 'queues' | 'retry' | 'reserveFor' | 'load' | 'mix' | 'held' | 'measured';

/** Fills in what follows from the rest, and what a plain run leaves unsaid. */
export function makePlan(o: Omit<RunPlan, Unsaid> & Partial<RunPlan>): RunPlan {
  const load: LoadModel = o.ratePerS === null ? closedLoad : { kind: 'rate', ratePerS: o.ratePerS };
  return {
    queues: [o.queue],
    retry: retriesOf(o.shape.jobtype),
    reserveFor: 60,
    load,
    mix: null,
    held: false,
    measured: 'both',
    ...o,
  };
}

/** Whether a failed handler run is the end of a job. */
export function failureIsFinal(plan: RunPlan): boolean {
  return plan.retry === 0;
}

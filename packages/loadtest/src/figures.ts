// The figures of a result that can be laid beside another result's: where they stand, what they are called, and which way is better.
// Invariant: a figure that was not measured is null, and one that is no positive number is not compared.

import type { RunResult } from './result.ts';

export interface Figure {
  /** Where it stands in the result, with dots. */
  path: string;
  title: string;
  better: 'higher' | 'lower';
  unit: 'perS' | 'us' | 'coreS' | 'bytes';
  /** When it counts: always, in runs at a stated rate (else it tells of the queue), or never (it is shown only). */
  judged: 'always' | 'open' | 'never';
}

export const figures: readonly Figure[] = [
  { path: 'throughput.completePerS', title: 'completed', better: 'higher', unit: 'perS', judged: 'always' },
  { path: 'throughput.submitPerS', title: 'submitted', better: 'higher', unit: 'perS', judged: 'never' },
  { path: 'latencyUs.endToEnd.p50', title: 'latency p50', better: 'lower', unit: 'us', judged: 'open' },
  { path: 'latencyUs.endToEnd.p95', title: 'latency p95', better: 'lower', unit: 'us', judged: 'never' },
  { path: 'latencyUs.endToEnd.p99', title: 'latency p99', better: 'lower', unit: 'us', judged: 'open' },
  {
    path: 'cost.workerCoreSecondsPer1kJobs',
    title: 'worker core-s per 1,000 jobs',
    better: 'lower',
    unit: 'coreS',
    judged: 'always',
  },
  {
    path: 'cost.serverCoreSecondsPer1kJobs',
    title: 'server core-s per 1,000 jobs',
    better: 'lower',
    unit: 'coreS',
    judged: 'always',
  },
  {
    path: 'cost.apiCoreSecondsPer1kJobs',
    title: 'api core-s per 1,000 jobs',
    better: 'lower',
    unit: 'coreS',
    judged: 'always',
  },
  { path: 'cost.workerRssBytes', title: 'worker memory', better: 'lower', unit: 'bytes', judged: 'never' },
  { path: 'cost.serverRssBytes', title: 'server memory', better: 'lower', unit: 'bytes', judged: 'never' },
];

/** What stands at a dotted path; undefined where the path ends early. */
export function valueAt(result: object, path: string): unknown {
  let value: unknown = result;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[key];
  return value;
}

/** null: it was not measured. */
export function figureOf(result: object, path: string): number | null {
  const value = valueAt(result, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Jobs were sent at a stated rate, so that latencies tell of the system and not of the queue in front of it. */
export function isOpen({ config }: Pick<RunResult, 'config'>): boolean {
  return [config.rate, config.ramp, config.burst].some((pace) => (pace ?? null) !== null);
}

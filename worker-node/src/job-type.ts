// One job type that this worker can do: its handler, how long it may take, and how long it took.

import { Histogram, type JobTypeTally } from '@jobstorm/telemetry';
import type { Handler, Handlers } from './handlers.ts';

/** Snapshots tell about so many types, those with the most jobs. */
const mostTypes = 32;

/** What is known of job types before the first job. */
export interface JobRules {
  handlers: Handlers;
  /** How long one job may take, in milliseconds; null or absent: as long as it takes. */
  jobTimeoutMs?: number | null;
  /** The same by job type, in place of `jobTimeoutMs`. */
  timeoutsMs?: ReadonlyMap<string, number>;
}

export function jobTypesOf({ handlers, jobTimeoutMs = null, timeoutsMs }: JobRules): Map<string, JobType> {
  const types = [...handlers].map(([name, handler]): [string, JobType] => {
    return [name, new JobType(name, handler, timeoutsMs?.get(name) ?? jobTimeoutMs)];
  });
  return new Map(types);
}

export class JobType {
  readonly name: string;
  readonly handler: Handler;
  /** Of one job; null: as long as it takes. */
  readonly timeoutMs: number | null;
  /** Service time of every job that ended, well or not. */
  readonly service = new Histogram();
  failed = 0;

  constructor(name: string, handler: Handler, timeoutMs: number | null) {
    this.name = name;
    this.handler = handler;
    this.timeoutMs = timeoutMs;
  }

  toJSON(): JobTypeTally {
    return { jobtype: this.name, failed: this.failed, service: this.service.toJSON() };
  }
}

/** Those that have done something, the busiest first. */
export function tallyTypes(types: Iterable<JobType>): JobTypeTally[] {
  return [...types]
    .filter(({ service }) => service.count > 0)
    .sort((a, b) => b.service.count - a.service.count)
    .slice(0, mostTypes)
    .map((type) => type.toJSON());
}

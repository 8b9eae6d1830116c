// How a run's jobs come in. Closed models wait for answers (as fast as jobs are taken; a backlog kept for a while; tides), open ones
// follow planned times whatever the answers (a rate, a ramp, bursts).

import { type Bursts, burstPacer } from './bursts.ts';
import { closedPacer, constantPacer, type Pacer } from './pacer.ts';
import { type RampStage, rampJobs, rampMs, rampPacer } from './ramp.ts';

export type LoadModel =
  /** As fast as jobs are taken. */
  | { kind: 'closed' }
  /** For so long, as many as keep that many jobs waiting in the queue. */
  | { kind: 'backlog'; jobs: number; durationMs: number }
  /** In so many parts; one begins when all jobs of the one before have ended. */
  | { kind: 'tides'; tides: number }
  | { kind: 'rate'; ratePerS: number }
  | { kind: 'ramp'; stages: readonly RampStage[] }
  | ({ kind: 'bursts' } & Bursts);

/** The plain run. */
export const closedLoad: LoadModel = { kind: 'closed' };

/** @throws RangeError when the model's figures make no pace */
export function pacerOf(load: LoadModel): Pacer {
  switch (load.kind) {
    case 'closed':
    case 'backlog':
    case 'tides':
      return closedPacer;
    case 'rate':
      return constantPacer(load.ratePerS);
    case 'ramp':
      return rampPacer(load.stages);
    case 'bursts':
      return burstPacer(load);
  }
}

/** Jobs a second that are offered, on average; null: as many as are taken. */
export function meanRateOf(load: LoadModel): number | null {
  switch (load.kind) {
    case 'closed':
    case 'backlog':
    case 'tides':
      return null;
    case 'rate':
      return load.ratePerS;
    case 'ramp':
      return rampJobs(load.stages) / (rampMs(load.stages) / 1000);
    case 'bursts':
      return load.jobs / (load.everyMs / 1000);
  }
}

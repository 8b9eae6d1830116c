// What a container used during a run, out of its engine's readings, which come when the engine is asked (about once a second) and
// not when the run begins or ends. Pure.
//
//   before ┄┄[ run: during … during ]┄┄ after        CPU time: before → after, since what lies outside of the run is next to nothing
//                                                   rates: first → last of those during, where they cover enough of it
//
// Invariant: readings are one container's, in the order of time; over a start of it, when its counters begin anew, nothing is told.

import type { ContainerUsage } from '@jobstorm/telemetry';
import type { PartUsage } from './part-usage.ts';

export interface ContainerReadings {
  /** The latest one when the run began. */
  before: ContainerUsage;
  during: readonly ContainerUsage[];
  /** The first one since it ended; null: none came. */
  after: ContainerUsage | null;
}

export interface ContainerUse {
  usage: PartUsage;
  /** Share of the scheduler's periods in which it was held back at its cap; null: none went by, as without a cap. */
  throttledShare: number | null;
}

/** Readings during the run stand for the whole of it from this share of its length on. */
const enough = 0.5;

function shareBetween(from: ContainerUsage, to: ContainerUsage): number | null {
  const periods = to.periods - from.periods;
  return periods > 0 ? Math.max(0, to.throttledPeriods - from.throttledPeriods) / periods : null;
}

function beganAnew(readings: readonly ContainerUsage[]): boolean {
  return readings.some((reading, at) => at > 0 && reading.cpuUs < readings[at - 1]!.cpuUs);
}

/** null when there are no two readings to tell it by. `runS`: length of the run. */
export function containerUse({ before, during, after }: ContainerReadings, runS: number): ContainerUse | null {
  const all = [before, ...during, ...(after ? [after] : [])];
  const last = all.at(-1)!;
  if (last.readAtMs <= before.readAtMs || runS <= 0 || beganAnew(all)) return null;
  const coreSeconds = (last.cpuUs - before.cpuUs) / 1e6;
  const [first, end] = [during[0], during.at(-1)];
  const innerS = first && end ? (end.readAtMs - first.readAtMs) / 1000 : 0;
  const inner = first && end && innerS > 0 && innerS >= enough * runS ? { first, end } : null;
  const whole = Math.min(coreSeconds / runS, before.capCores ?? Number.POSITIVE_INFINITY);
  return {
    usage: {
      coreSeconds,
      usedCores: inner ? (inner.end.cpuUs - inner.first.cpuUs) / 1e6 / innerS : whole,
      rssBytes: Math.max(...all.map(({ memoryBytes }) => memoryBytes)),
    },
    throttledShare: inner ? shareBetween(inner.first, inner.end) : shareBetween(before, last),
  };
}

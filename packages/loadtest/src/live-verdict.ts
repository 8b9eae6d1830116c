// What limits a run right now: the verdict's rules over its last seconds, from what was counted at both ends of them. Pure.

import { type DepthSample, summariseDepth } from './depth.ts';
import type { Measurements } from './measurements.ts';
import { judge, type Verdict } from './verdict.ts';

/** What was true so far, at one moment. */
export interface LiveMoment {
  /** Seconds since the run's start. */
  atS: number;
  accepted: number;
  completed: number;
  /** Time in handlers of all jobs so far, and how many they are; null: not known. */
  service: { sumUs: number; count: number } | null;
}

/** The rest of what the rules look at, of the time between two moments. */
export type LiveSurroundings = Omit<
  Measurements,
  'completed' | 'activeS' | 'completePerS' | 'submitPerS' | 'depth' | 'slotsBusyShare' | 'serviceMeanUs'
>;

function serviceBetween(from: LiveMoment['service'], to: LiveMoment['service']) {
  const [sumUs, count] = [(to?.sumUs ?? 0) - (from?.sumUs ?? 0), (to?.count ?? 0) - (from?.count ?? 0)];
  return to === null || count <= 0 ? null : { sumUs, meanUs: sumUs / count };
}

/** null: not a second lies between them, which is too short to say anything. */
export function judgeLive(
  from: LiveMoment,
  to: LiveMoment,
  depths: readonly DepthSample[],
  rest: LiveSurroundings,
): Verdict | null {
  const lengthS = to.atS - from.atS;
  if (lengthS < 1) return null;
  const completePerS = (to.completed - from.completed) / lengthS;
  const service = serviceBetween(from.service, to.service);
  const between = depths.filter(({ atS }) => atS > from.atS);
  return judge({
    ...rest,
    completed: to.completed - from.completed,
    activeS: lengthS,
    completePerS,
    submitPerS: (to.accepted - from.accepted) / lengthS,
    depth: summariseDepth(between, Math.max(100, completePerS / 20)),
    slotsBusyShare: service && rest.slots ? service.sumUs / 1e6 / (rest.slots * lengthS) : null,
    serviceMeanUs: service?.meanUs ?? null,
  });
}

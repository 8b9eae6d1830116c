// Whether a trial that goes on has lost already: by what it has measured so far it can't come near the best one any more. Pure.
// Invariant: it takes more than noise. The first stretch, in which a run finds its pace, says nothing, and a trial that stands still for a
// while or varies a lot goes on to its end.

import { studentT } from '../student.ts';
import type { TimelineSample } from '../timeline.ts';
import type { Goal } from './goal.ts';

/** What is looked at of a stretch. */
export type Glimpse = Pick<TimelineSample, 'lengthS'> & {
  counts: Pick<TimelineSample['counts'], 'completed'>;
  parts: { workers: Pick<NonNullable<TimelineSample['parts']['workers']>, 'usedCores'> | null };
};

const leastS = 1;
const fewest = 3;
/** It is wrong once in so many trials, were the stretches independent. */
const doubt = 1 / 20_000;
/** Even if they all agree: neighbours slow a machine down for seconds. */
const leastMargin = 0.1;

/** The most that it can score; what p99 or a wrong guess of the CPU may take off comes on top. null: it says nothing. */
function scoreOf(goal: Goal, { lengthS, counts, parts }: Glimpse): number | null {
  const ratePerS = counts.completed / lengthS;
  if (goal.kind !== 'rate-per-core') return ratePerS;
  const usedCores = parts.workers?.usedCores ?? 0;
  return usedCores > 0.01 ? ratePerS / usedCores : null;
}

/** `lostBelow`: a score that nobody needs to know any better, see `Ask`; 0: never. */
export function hasLost(goal: Goal, glimpses: readonly Glimpse[], lostBelow: number): boolean {
  if (lostBelow <= 0) return false;
  const judged = glimpses.slice(1);
  const scores = judged.map((glimpse) => scoreOf(goal, glimpse)).filter((score) => score !== null);
  if (scores.length < fewest || judged.reduce((sum, { lengthS }) => sum + lengthS, 0) < leastS) return false;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1);
  const error = Math.sqrt(variance / scores.length) * studentT(2 * doubt, scores.length - 1);
  return mean + Math.max(error, leastMargin * mean) < lostBelow;
}

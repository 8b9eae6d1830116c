// By how much a run that is laid over another differs from it, in words. Pure.

import { short } from './format.ts';

export type Interval = readonly [low: number, high: number];

const signed = (share: number) => `${share < 0 ? '−' : '+'}${short(Math.abs(share) * 100)} %`;

/** Of the other run against the one that is shown, with what both intervals leave open. Pure. */
export function differenceText(
  value: number | null,
  other: number | null,
  intervals: readonly [Interval | null, Interval | null] = [null, null],
): string {
  if (value === null || other === null || value === 0) return '';
  const [own, its] = intervals;
  const between = own && its && own[0] > 0 ? ` (${signed(its[0] / own[1] - 1)} to ${signed(its[1] / own[0] - 1)})` : '';
  return `the other: ${signed(other / value - 1)}${between}`;
}

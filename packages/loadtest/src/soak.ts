// Whether something grows over hours: the slope of memory, open files, latency and backlog, each with its interval. Pure.
//
// A soak may be cut and go on later, with new processes: each stretch has a level of its own, and all of them one slope (regression within
// stretches). What lies near in time is alike, so the figures are means of blocks, and what likeness is left between neighbouring
// blocks widens the interval. The first tenth of a stretch, at least, is left out: heaps and caches fill.

import { type CpuPart, cpuParts } from './result.ts';
import { studentT } from './student.ts';
import type { TimelineSample } from './timeline.ts';

/** One figure over time in one stretch of the soak: seconds since the stretch began, and the value; null: not known. */
export type SoakSeries = readonly { atS: number; value: number | null }[];

export type SoakVerdict = 'flat' | 'growing' | 'falling' | 'too short';

export interface SoakSlope {
  /** memory workers, handles api, latency p99, backlog … */
  what: string;
  unit: 'bytes' | 'handles' | 'us' | 'jobs';
  /** Mean of what was looked at; null: nothing was. */
  mean: number | null;
  /** For each hour, with its 95% interval; null: too short. */
  perHour: number | null;
  low: number | null;
  high: number | null;
  verdict: SoakVerdict;
}

/** A soak as its result has it. */
export interface SoakReport {
  /** How often it was begun or gone on with. */
  stretches: number;
  soakedS: number;
  slopes: SoakSlope[];
}

interface Block {
  s: number;
  value: number;
}

const blocksWanted = 40;
const blocksLeast = 8;
const warmUpShare = 0.1;
/** A change over the whole soak below this counts as none: a share of the mean, and a step of the unit. */
const least: Record<SoakSlope['unit'], { share: number; step: number }> = {
  bytes: { share: 0.01, step: 1 << 20 },
  handles: { share: 0, step: 1 },
  us: { share: 0.05, step: 100 },
  jobs: { share: 0.05, step: 10 },
};

/** Means over equal stretches of time, about `count` of them. */
function blocksOf(series: SoakSeries, lengthS: number): Block[] {
  const blocks: Block[] = [];
  let open: { end: number; sum: number; n: number; sumS: number } | null = null;
  const close = () => {
    if (open && open.n > 0) blocks.push({ s: open.sumS / open.n, value: open.sum / open.n });
  };
  for (const { atS, value } of series) {
    if (value === null) continue;
    if (!open || atS > open.end) {
      close();
      open = { end: (Math.floor(atS / lengthS) + 1) * lengthS, sum: 0, n: 0, sumS: 0 };
    }
    open.sum += value;
    open.sumS += atS;
    open.n++;
  }
  close();
  return blocks;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface Fit {
  perS: number;
  errorPerS: number;
  freedom: number;
}

/** One slope through several stretches, each with a level of its own. null: fewer points than that needs. */
function fit(stretches: readonly Block[][]): Fit | null {
  const used = stretches.filter((blocks) => blocks.length >= 3);
  const centred = used.map((blocks) => {
    const [meanS, mean] = [meanOf(blocks.map(({ s }) => s)), meanOf(blocks.map(({ value }) => value))];
    return blocks.map(({ s, value }) => ({ s: s - meanS, value: value - mean }));
  });
  const all = centred.flat();
  const freedom = all.length - used.length - 1;
  const spread = all.reduce((sum, { s }) => sum + s * s, 0);
  if (freedom < 3 || spread === 0) return null;
  const perS = all.reduce((sum, { s, value }) => sum + s * value, 0) / spread;
  const rests = centred.map((blocks) => blocks.map(({ s, value }) => value - perS * s));
  const squares = rests.flat().reduce((sum, rest) => sum + rest * rest, 0);
  const products = rests.reduce(
    (sum, rest) => sum + rest.reduce((inner, value, at) => inner + (at > 0 ? value * rest[at - 1]! : 0), 0),
    0,
  );
  // Neighbours that are alike tell less than they seem to. The residuals' own likeness is a little too low.
  const alike = squares === 0 ? 0 : Math.min(0.9, Math.max(0, products / squares + (3 * used.length) / all.length));
  const widened = Math.sqrt((1 + alike) / (1 - alike));
  return {
    perS,
    errorPerS: Math.sqrt(squares / freedom / spread) * widened,
    freedom: Math.max(3, freedom / widened ** 2),
  };
}

function withoutWarmUp(series: SoakSeries): SoakSeries {
  const endS = series.at(-1)?.atS ?? 0;
  return series.filter(({ atS }) => atS > endS * warmUpShare);
}

/** The slope of one figure over all stretches. */
export function slopeOf(what: string, unit: SoakSlope['unit'], stretches: readonly SoakSeries[]): SoakSlope {
  const warm = stretches.map(withoutWarmUp);
  const lengthS = warm.reduce((sum, series) => sum + (series.at(-1)?.atS ?? 0) - (series[0]?.atS ?? 0), 0);
  const blocks = warm.map((series) => blocksOf(series, Math.max(0.001, lengthS / blocksWanted)));
  const values = blocks.flat().map(({ value }) => value);
  const mean = values.length === 0 ? null : meanOf(values);
  const fitted = values.length < blocksLeast ? null : fit(blocks);
  if (mean === null || fitted === null) {
    return { what, unit, mean, perHour: null, low: null, high: null, verdict: 'too short' };
  }
  const half = studentT(0.05, fitted.freedom) * fitted.errorPerS;
  const [low, high] = [fitted.perS - half, fitted.perS + half];
  const { share, step } = least[unit];
  const counts = Math.abs(fitted.perS * lengthS) >= Math.max(step, share * Math.abs(mean));
  const verdict = !counts ? 'flat' : low > 0 ? 'growing' : high < 0 ? 'falling' : 'flat';
  return { what, unit, mean, perHour: fitted.perS * 3600, low: low * 3600, high: high * 3600, verdict };
}

type Of = (sample: TimelineSample) => number | null;

/** Every figure that a soak watches, as far as it was known at any time. */
export function soakSlopes(stretches: readonly (readonly TimelineSample[])[]): SoakSlope[] {
  const slope = (what: string, unit: SoakSlope['unit'], of: Of) =>
    slopeOf(
      what,
      unit,
      stretches.map((samples) => samples.map((sample) => ({ atS: sample.atS, value: of(sample) }))),
    );
  const each = (name: string, unit: SoakSlope['unit'], of: (part: CpuPart) => Of) =>
    cpuParts.map((part) => slope(`${name} ${part}`, unit, of(part)));
  return [
    ...each(
      'memory',
      'bytes',
      (part) =>
        ({ parts }) =>
          parts[part]?.rssBytes ?? null,
    ),
    ...each(
      'handles',
      'handles',
      (part) =>
        ({ parts }) =>
          parts[part]?.handles ?? null,
    ),
    slope('latency p50', 'us', ({ latencyUs }) => latencyUs?.p50 ?? null),
    slope('latency p99', 'us', ({ latencyUs }) => latencyUs?.p99 ?? null),
    slope('backlog', 'jobs', ({ queueDepth }) => queueDepth),
  ].filter(({ mean }) => mean !== null);
}

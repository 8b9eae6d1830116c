// Whether one result is better than another, figure by figure: the difference, its interval, and same, better or worse. Pure.
//
// What counts is how much a figure varies from run to run. With `--repeats` that is seen. Of a single run it is not, and stretches of
// the run stand for it: where a machine's speed wanders, the next run differs from this one as much as the parts of this one do.
// Differences are of logarithms, so that they are relative, and their intervals Student's (Welch). Several figures are judged at a
// time, so intervals are wide enough that any of them misses the truth in 5 of 100 comparisons at most: 3 for the rate, which is
// what most comparisons are about, and 2 for the others together (Bonferroni with weights).
// Invariant: a figure is `same` unless its whole interval lies on one side of no difference.

import { meanOf, varianceOf } from './batch-means.ts';
import { type Figure, figureOf, figures, isOpen, valueAt } from './figures.ts';
import type { Known } from './precision.ts';
import type { RunResult } from './result.ts';
import { studentT } from './student.ts';

export type Finding = 'same' | 'better' | 'worse';

export interface FigureCompared extends Pick<Figure, 'path' | 'title' | 'unit'> {
  a: number;
  b: number;
  /** (b - a) / a, in percent, and its interval; null: how much it varies is not known. */
  changePercent: number;
  lowPercent: number | null;
  highPercent: number | null;
  /** null: shown only. */
  finding: Finding | null;
  /** Why it is shown only. */
  because?: string;
}

export interface Comparison {
  figures: FigureCompared[];
  /** Worse if any figure is, else better if any is. */
  finding: Finding;
  /** What the intervals are of, for people. */
  basis: string;
}

/** The mean of a figure's logarithms, and how well it is known. */
interface Estimate {
  log: number;
  standardError: number;
  degreesOfFreedom: number;
}

const missesOf100 = { all: 5, rate: 3 };
const ratePath = 'throughput.completePerS';
/** What histograms and clocks resolve: nothing is known better. */
const leastError = 0.001;

function estimateOfRuns(values: readonly number[]): Estimate {
  const logs = values.map(Math.log);
  const standardError = Math.max(leastError, Math.sqrt(varianceOf(logs) / logs.length));
  return { log: meanOf(logs), standardError, degreesOfFreedom: logs.length - 1 };
}

/** Where the spread within a single run stands. */
function knownOf({ precision }: RunResult, path: string): Known | null {
  if (path === ratePath) return precision?.completePerS ?? null;
  const [root, phase, name] = path.split('.');
  if (root !== 'latencyUs' || phase !== 'endToEnd') return null;
  return (valueAt(precision?.latencyUs ?? {}, name!) as Known | undefined) ?? null;
}

function estimateOf(result: RunResult, path: string): Estimate | null {
  const repeated = result.repeats?.figures[path];
  if (repeated && repeated.values.length > 1) return repeated.min > 0 ? estimateOfRuns(repeated.values) : null;
  const value = figureOf(result, path);
  const known = knownOf(result, path);
  if (value === null || value <= 0 || !known || known.spread === null) return null;
  const standardError = Math.max(leastError, known.spread * Math.sqrt(1 + 1 / known.batches));
  return { log: Math.log(value), standardError, degreesOfFreedom: known.batches - 1 };
}

/** b - a. */
function differenceOf(a: Estimate, b: Estimate): Estimate {
  const [va, vb] = [a.standardError ** 2, b.standardError ** 2];
  return {
    log: b.log - a.log,
    standardError: Math.sqrt(va + vb),
    degreesOfFreedom: (va + vb) ** 2 / (va ** 2 / a.degreesOfFreedom + vb ** 2 / b.degreesOfFreedom),
  };
}

/** Runs that took turns, first with first: what drifted reached both. */
function pairedDifference(a: RunResult, b: RunResult, path: string): Estimate | null {
  const [from, to] = [a.repeats?.figures[path]?.values, b.repeats?.figures[path]?.values];
  if (!from || !to || from.length !== to.length || from.length < 2) return null;
  if (Math.min(...from, ...to) <= 0) return null;
  return estimateOfRuns(to.map((value, at) => value / from[at]!));
}

const percent = (log: number): number => Math.expm1(log) * 100;

function whyNotJudged(figure: Figure, open: boolean): string | null {
  if (figure.judged === 'never') return 'one figure of its kind is judged, not all';
  return figure.judged === 'open' && !open ? 'it includes the time in the queue: for latency state a --rate' : null;
}

interface Row {
  figure: Figure;
  a: number;
  b: number;
  difference: Estimate | null;
  because: string | null;
}

function rowsOf(a: RunResult, b: RunResult, paired: boolean): Row[] {
  const open = isOpen(a) && isOpen(b);
  return figures.flatMap((figure) => {
    const { path } = figure;
    const shown = ({ repeats }: RunResult, own: RunResult) => repeats?.figures[path]?.median ?? figureOf(own, path);
    const [from, to] = [shown(a, a), shown(b, b)];
    if (from === null || to === null || from <= 0) return [];
    const pair = paired ? pairedDifference(a, b, path) : null;
    const [ea, eb] = [estimateOf(a, path), estimateOf(b, path)];
    const difference = pair ?? (ea && eb ? differenceOf(ea, eb) : null);
    const unknown = 'how much it varies from run to run is not known: give --repeats 5';
    return [
      { figure, a: from, b: to, difference, because: whyNotJudged(figure, open) ?? (difference ? null : unknown) },
    ];
  });
}

/** The probability with which this figure's interval may miss the truth. */
function missesAllowed(path: string, judged: readonly string[]): number {
  const others = judged.filter((other) => other !== ratePath).length;
  const hasRate = judged.length > others;
  if (path === ratePath) return (others === 0 ? missesOf100.all : missesOf100.rate) / 100;
  return (missesOf100.all - (hasRate ? missesOf100.rate : 0)) / 100 / Math.max(1, others);
}

function compared({ figure, a, b, difference, because }: Row, each: number): FigureCompared {
  const { path, title, unit, better } = figure;
  const change = difference ? percent(difference.log) : (b / a - 1) * 100;
  const shown = { path, title, unit, a, b, changePercent: change };
  if (!difference) return { ...shown, lowPercent: null, highPercent: null, finding: null, because: because! };
  const half = studentT(each, difference.degreesOfFreedom) * difference.standardError;
  const [low, high] = [difference.log - half, difference.log + half];
  const interval = { lowPercent: percent(low), highPercent: percent(high) };
  if (because !== null) return { ...shown, ...interval, finding: null, because };
  const risen = low > 0 ? 1 : high < 0 ? -1 : 0;
  const finding = risen === 0 ? 'same' : risen > 0 === (better === 'higher') ? 'better' : 'worse';
  return { ...shown, ...interval, finding };
}

function basisOf(a: RunResult, b: RunResult, paired: boolean): string {
  const [from, to] = [a, b].map(({ repeats }) => repeats?.runs.length ?? 1) as [number, number];
  if (paired) return `${from} pairs of runs that took turns`;
  if (from > 1 && to > 1) return `how ${from} and ${to} runs vary`;
  return 'how stretches of a single run vary, which stands for what another run would show: --repeats 5 sees it';
}

/**
 * What changed from `a` to `b`.
 * @param paired their runs took turns: a b, b a, a b …
 */
export function compareResults(a: RunResult, b: RunResult, paired = false): Comparison {
  const rows = rowsOf(a, b, paired);
  const judged = rows.filter(({ because }) => because === null).map(({ figure }) => figure.path);
  const all = rows.map((row) => compared(row, missesAllowed(row.figure.path, judged)));
  const says = (finding: Finding) => all.some((one) => one.finding === finding);
  return {
    figures: all,
    finding: says('worse') ? 'worse' : says('better') ? 'better' : 'same',
    basis: basisOf(a, b, paired),
  };
}

// Several runs of the same: each figure's median and range, and the run that stands for them. Pure.
// Invariant: the run that stands for all is one that took place, the one with the median rate; figures of different runs never
// mix in it.

import { figureOf, figures } from './figures.ts';
import type { RunResult } from './result.ts';

export interface RepeatedFigure {
  median: number;
  min: number;
  max: number;
  /** By run, in the order in which they took place. */
  values: number[];
}

export interface RepeatedRun {
  run: string;
  startedAt: string;
  jobs: RunResult['jobs'];
  valid: boolean;
  invalidBecause: string[];
}

export interface Repeats {
  runs: RepeatedRun[];
  /** By dotted path; a figure that one of the runs lacks is not there. */
  figures: Record<string, RepeatedFigure>;
}

/** NaN for none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length === 0 ? Number.NaN : (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

export function summariseRepeats(results: readonly RunResult[]): Repeats {
  const summary: Repeats = {
    runs: results.map(({ run, jobs, valid, invalidBecause }) => ({
      run: run.id,
      startedAt: run.startedAt,
      jobs,
      valid,
      invalidBecause,
    })),
    figures: {},
  };
  for (const { path } of figures) {
    const values = results.map((result) => figureOf(result, path)).filter((value) => value !== null);
    if (values.length < results.length || values.length === 0) continue;
    summary.figures[path] = { median: medianOf(values), min: Math.min(...values), max: Math.max(...values), values };
  }
  return summary;
}

/** The one with the median rate, of an even number the slower of the middle two. */
export function medianRun(results: readonly RunResult[]): RunResult {
  const rateOf = (result: RunResult) => result.throughput.completePerS ?? 0;
  const sorted = [...results].sort((a, b) => rateOf(a) - rateOf(b));
  return sorted[Math.ceil(sorted.length / 2) - 1]!;
}

/** Of counts of jobs each run has to keep it, of what is measured most of them. */
function joinThresholds(results: readonly RunResult[]): RunResult['thresholds'] {
  return results[0]!.thresholds.map(({ expression }, at) => {
    const own = results.map(({ thresholds }) => thresholds[at]!);
    const values = own.map(({ value }) => value).filter((value) => value !== null);
    const kept = own.filter(({ passed }) => passed).length;
    const passed = /^(jobs\.|lost|failed|duplicated)/.test(expression) ? kept === own.length : kept > own.length / 2;
    return { expression, value: values.length < own.length ? null : medianOf(values), passed };
  });
}

/** One result for all of them. What any of them lacks in validity, all lack. */
export function joinRepeats(results: readonly RunResult[]): RunResult {
  if (results.length === 1) return results[0]!;
  const faults = results.flatMap(({ invalidBecause }, at) =>
    invalidBecause.map((reason) => `run ${at + 1} of ${results.length}: ${reason}`),
  );
  return {
    ...medianRun(results),
    valid: faults.length === 0,
    invalidBecause: faults,
    thresholds: joinThresholds(results),
    repeats: summariseRepeats(results),
  };
}

// How well the mean of a steady stretch is known, by batch means. Neighbouring buckets of a run are alike, so they don't count as
// values of their own; stretches of them that are long enough do. Pure.
//
//   buckets   |||||||||||||||||||||||||||||||||||||||||
//   batches   |    •    |    •    |    •    |    •    |     mean and standard error are of the dots
//
// The rule: as many batches as there may be (20), joined in pairs until two neighbours are no more alike than chance makes them
// (lag-1 autocorrelation), down to 5 batches (after Law and Carson, "A sequential procedure for determining the length of a
// steady-state simulation", Operations Research 27(5), 1979).

import { studentT } from './student.ts';

export interface BatchMeans {
  /** Means of the batches, in the values' unit, in order. */
  means: number[];
  /** Values in a batch. */
  size: number;
  mean: number;
  /** Of the mean. */
  standardError: number;
  /** The mean's 95% interval. */
  low: number;
  high: number;
  /** So many independent values would tell the mean as well as these do; never more than there are. */
  effectiveSamples: number;
}

const mostBatches = 20;
const fewestBatches = 5;

/** Sample variance; 0 with fewer than two values. */
export function varianceOf(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return 0;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
}

/** 0 for none. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How alike neighbours are: -1 … 1; 0 when nothing varies. */
export function lagOneCorrelation(values: readonly number[]): number {
  const mean = meanOf(values);
  let own = 0;
  let shared = 0;
  for (const [at, value] of values.entries()) {
    own += (value - mean) ** 2;
    if (at > 0) shared += (value - mean) * (values[at - 1]! - mean);
  }
  return own === 0 ? 0 : shared / own;
}

/** What is left over at the end when `size` does not divide them is left out. */
function batchesOf(values: readonly number[], size: number): number[] {
  const means: number[] = [];
  for (let at = 0; at + size <= values.length; at += size) means.push(meanOf(values.slice(at, at + size)));
  return means;
}

function settledBatches(values: readonly number[]): { means: number[]; size: number } {
  let size = Math.ceil(values.length / mostBatches);
  let means = batchesOf(values, size);
  while (Math.floor(values.length / (size * 2)) >= fewestBatches) {
    // What independent values show once in ten; the estimate itself is 1/n too low.
    if (lagOneCorrelation(means) + 1 / means.length <= 1.282 / Math.sqrt(means.length)) break;
    size *= 2;
    means = batchesOf(values, size);
  }
  return { means, size };
}

/** null with fewer than five values: nothing can be told of them. */
export function batchMeans(values: readonly number[]): BatchMeans | null {
  if (values.length < fewestBatches) return null;
  const { means, size } = settledBatches(values);
  const mean = meanOf(values);
  const standardError = Math.sqrt(varianceOf(means) / means.length);
  const half = studentT(0.05, means.length - 1) * standardError;
  const effective = standardError === 0 ? values.length : varianceOf(values) / standardError ** 2;
  return {
    means,
    size,
    mean,
    standardError,
    low: mean - half,
    high: mean + half,
    effectiveSamples: Math.max(1, Math.min(values.length, effective)),
  };
}

// What a measurement is: two or more sides that run in turn, what each run reads off, and what the medians have to reach.
// Invariant: a side's run starts its own processes and ends them, so no run inherits another's warm or worn state.

import type { KnownCase } from './known.ts';
import type { Rounds } from './rounds.ts';

/** What one run of a side measured, by column key; a key that is missing was not measured. */
export type Readings = Readonly<Record<string, number>>;

export interface Side {
  name: string;
  run(): Promise<Readings>;
}

export interface Column {
  key: string;
  title: string;
  digits: number;
}

/** The median over the rounds; null when that side did not run or did not measure it. */
export type MedianOf = (side: string, key: string) => number | null;

/** A figure made of medians, beside its target if it has one. */
export interface Figure {
  what: string;
  value(median: MedianOf): number | null;
  digits: number;
  /** Printed behind the value: `x`, ` jobs/s`. */
  unit: string;
  atLeast?: number;
  atMost?: number;
  /** What the value was made of, for the table of several cases. */
  madeOf?: { ours: Figure['value']; real: Figure['value'] | null; digits: number; unit: string };
}

/** What a case is told about this run of it. */
export interface Setting {
  /** The full count, or in a quick run the small one. */
  count(full: number, quick: number): number;
  /** False: sides that need a real Faktory are left out. */
  realFaktory: boolean;
  /** Prints a line for people. */
  note(line: string): void;
  /** What earlier rounds have measured. */
  known: KnownCase;
}

/** Sides as points of curves, beside what a formula says. */
export interface Curves {
  /** Which curve a side belongs to, and where on it. */
  placeOf(side: string): { curve: string; x: number };
  /** The key of what the formula says. */
  formulaKey: string;
  formula: string;
  xTitle: string;
  yTitle: string;
}

export interface BenchCase {
  name: string;
  /** One line: what is measured. */
  about: string;
  /** `needed`: nothing to run without a real Faktory; `beside`: it is the side to compare with. */
  realFaktory: 'needed' | 'beside' | 'unused';
  /** It takes so long that it gets no more rounds than this, whatever was asked for. */
  mostRounds?: number;
  columns: readonly Column[];
  figures: readonly Figure[];
  /** With --docs: a bar for each side's median, on a logarithmic scale; or curves. */
  chart?: { key: string; title: string; curves?: Curves };
  sides(setting: Setting): Promise<readonly Side[]>;
  /** Lines that stand above the table, made of all rounds. */
  closing?(rounds: Rounds): string[];
}

/** Of one side's key, e.g. the first side's jobs/s. */
export function readingOf(side: string, key: string): Figure['value'] {
  return (median) => median(side, key);
}

/** The median of `side` over the median of `other`. */
export function ratioOf(side: string, other: string, key: string): Figure['value'] {
  return (median) => {
    const [a, b] = [median(side, key), median(other, key)];
    return a === null || b === null || b === 0 ? null : a / b;
  };
}

export const realName = 'real Faktory';

/** Of one side's key over that of another, beside both where the other one is a real Faktory. */
export function ratioFigure(options: {
  what: string;
  side: string;
  other: string;
  key: string;
  /** Of the readings, and how they are shown. */
  unit: string;
  readingDigits?: number;
  digits?: number;
  atLeast?: number;
  atMost?: number;
}): Figure {
  const { what, side, other, key, unit, readingDigits = 0, digits = 1, ...targets } = options;
  const real = other === realName ? readingOf(other, key) : null;
  const madeOf = { ours: readingOf(side, key), real, digits: readingDigits, unit };
  return { what, value: ratioOf(side, other, key), digits, unit: 'x', madeOf, ...targets };
}

/** Null when there is no target, or nothing to judge. */
export function isMet({ atLeast, atMost }: Figure, value: number | null): boolean | null {
  if (value === null || (atLeast === undefined && atMost === undefined)) return null;
  return value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
}

// Runs a case's sides in turn: A B, B A, A B … so that whatever drifts on the machine reaches both alike, and neither always
// goes first. Only complete rounds count.

import type { MedianOf, Readings, Side } from './case.ts';
import type { KnownCase } from './known.ts';

export interface Spread {
  median: number;
  min: number;
  max: number;
  /** By round. */
  values: number[];
}

/** By side, then by column key. */
export type Rounds = Map<string, Map<string, Spread>>;

function spreadOf(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, values };
}

/** Runs what `known` lacks of so many rounds. `onRun` hears of each run as it ends; `round` counts from 1. */
export async function runRounds(
  sides: readonly Side[],
  rounds: number,
  known: KnownCase,
  onRun: (round: number, side: Side, readings: Readings) => void,
): Promise<Rounds> {
  while (known.rounds < rounds) {
    const round = known.rounds + 1;
    const taken = new Map<string, Readings>();
    for (const side of round % 2 === 1 ? sides : sides.toReversed()) {
      const readings = await side.run();
      taken.set(side.name, readings);
      onRun(round, side, readings);
    }
    known.add(taken);
  }
  const spreads: Rounds = new Map();
  for (const { name } of sides) {
    const keys = Object.entries(known.side(name));
    spreads.set(name, new Map(keys.map(([key, values]) => [key, spreadOf([...values])])));
  }
  return spreads;
}

export function mediansOf(rounds: Rounds): MedianOf {
  return (side, key) => rounds.get(side)?.get(key)?.median ?? null;
}

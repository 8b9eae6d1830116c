// Runs a case's sides in turn: A B, B A, A B … so that whatever drifts on the machine reaches both alike, and neither always
// goes first. Only complete rounds count.

import type { MedianOf, Readings, Side } from './case.ts';

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

/** `onRun` hears of each run as it ends; `round` counts from 1. */
export async function runRounds(
  sides: readonly Side[],
  rounds: number,
  onRun: (round: number, side: Side, readings: Readings) => void,
): Promise<Rounds> {
  const taken = new Map<string, Map<string, number[]>>(sides.map(({ name }) => [name, new Map()]));
  for (let round = 1; round <= rounds; round++) {
    for (const side of round % 2 === 1 ? sides : sides.toReversed()) {
      const readings = await side.run();
      const bySide = taken.get(side.name)!;
      for (const [key, value] of Object.entries(readings)) {
        const values = bySide.get(key) ?? [];
        values.push(value);
        bySide.set(key, values);
      }
      onRun(round, side, readings);
    }
  }
  const spreads = new Map<string, Map<string, Spread>>();
  for (const [side, keys] of taken) {
    spreads.set(side, new Map([...keys].map(([key, values]) => [key, spreadOf(values)])));
  }
  return spreads;
}

export function mediansOf(rounds: Rounds): MedianOf {
  return (side, key) => rounds.get(side)?.get(key)?.median ?? null;
}

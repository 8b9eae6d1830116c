// Reads what the handlers of all peers keep in the same way: each worker process has a file of a count and then a latency for
// each job, as little-endian doubles (programs/tally.py, programs/tally.mjs). So completions are counted where they happen, at
// the cost of a few hundred nanoseconds a job, and neither by asking a broker nor by guessing from an empty queue.

import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

function doublesOf(path: string, first: number, count: number): Float64Array {
  const doubles = new Float64Array(count);
  const file = openSync(path, 'r');
  try {
    readSync(file, doubles, 0, 8 * count, 8 * first);
  } finally {
    closeSync(file);
  }
  return doubles;
}

/** Jobs handled so far, by file. */
export type Counts = ReadonlyMap<string, number>;

export function countsIn(folder: string): Counts {
  const files = readdirSync(folder).filter((name) => name.startsWith('tally-'));
  return new Map(files.map((name) => [name, doublesOf(join(folder, name), 0, 1)[0]!]));
}

export function sumOf(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** From when each job was due to the end of its handler, in µs, of the jobs that came after `before`; ascending. */
export function latenciesUs(folder: string, before: Counts): Float64Array {
  const parts = [...countsIn(folder)].map(([name, count]) => {
    const skip = before.get(name) ?? 0;
    return [...doublesOf(join(folder, name), 1 + skip, count - skip)];
  });
  return Float64Array.from(parts.flat()).sort();
}

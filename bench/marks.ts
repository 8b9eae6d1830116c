// What was read off when so many jobs were done: between the two looks around that moment, in proportion. So blocks of jobs of several
// kinds in one queue can be told apart, and machine, warmth and garbage are the same for all.

import { setTimeout as sleep } from 'node:timers/promises';

export type Look<K extends string> = Record<K, number> & { processed: number };

/** Looks every so often until the last mark, in ascending numbers of jobs, is reached; a look for each mark. */
export async function looksAt<K extends string>(
  marks: readonly number[],
  everyMs: number,
  look: () => Promise<Look<K>>,
): Promise<Look<K>[]> {
  const found: Look<K>[] = [];
  let before = await look();
  while (found.length < marks.length) {
    await sleep(everyMs);
    const now = await look();
    for (let mark = marks[found.length]!; now.processed >= mark; mark = marks[found.length] ?? Infinity) {
      found.push(between(before, now, (mark - before.processed) / Math.max(1, now.processed - before.processed)));
    }
    before = now;
  }
  return found;
}

function between<L extends Record<string, number>>(from: L, to: L, share: number): L {
  const entries = Object.entries(from).map(([key, value]) => [key, value + (to[key]! - value) * share]);
  return Object.fromEntries(entries) as L;
}

/**
 * By how much a key rose over the blocks that are meant, a job.
 * @param looks at each block's beginning, and at the last one's end
 */
export function aJobOf<K extends string>(
  looks: readonly Look<K>[],
  isMeant: (block: number) => boolean,
  key: K,
): number {
  let [rose, jobs] = [0, 0];
  for (let at = 0; at + 1 < looks.length; at++) {
    if (!isMeant(at)) continue;
    const [from, to] = [looks[at]!, looks[at + 1]!];
    rose += to[key] - from[key];
    jobs += to.processed - from.processed;
  }
  return rose / jobs;
}

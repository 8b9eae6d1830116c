// What runs that took turns have found, in sentences, for the reports: what recording costs, what batches cost and buy, and how other
// settings compare.

import type { RunResult } from '@jobstorm/loadtest';
import { batchingFinding } from '../batching.ts';
import { overheadLines } from '../overhead.ts';

export interface Found {
  title: string;
  sentences: readonly string[];
}

/** Empty when nothing took turns. */
export function findingsOf(result: RunResult): Found[] {
  const { overhead, against = [] } = result;
  const batches = batchingFinding(result);
  return [
    ...(overhead ? [{ title: 'What recording costs', sentences: overheadLines(overhead) }] : []),
    ...(batches === null ? [] : [{ title: 'What batches cost and buy', sentences: [batches] }]),
    ...against.map(({ flags, comparison }) => ({
      title: `With ${flags}`,
      sentences: [`${comparison.finding}, judged by ${comparison.basis}`],
    })),
  ];
}

// What runs that took turns have found, in sentences, for the reports: what recording costs, what batches cost and buy, and how other
// settings compare.

import type { RunResult } from '@jobstorm/loadtest';
import { batchingFinding } from '../batching.ts';
import { overheadLines } from '../overhead.ts';

export interface Found {
  title: string;
  sentences: readonly string[];
}

/** Of recording and of batches; empty when neither was looked for. */
export function costsFound(result: RunResult): Found[] {
  const { overhead } = result;
  const batches = batchingFinding(result);
  return [
    ...(overhead ? [{ title: 'What recording costs', sentences: overheadLines(overhead) }] : []),
    ...(batches === null ? [] : [{ title: 'What batches cost and buy', sentences: [batches] }]),
  ];
}

type Against = NonNullable<RunResult['against']>[number];

/** How other settings compare with the run as told. */
export function findingOf({ comparison }: Against): string {
  return `${comparison.finding}, judged by ${comparison.basis}`;
}

/** All of it; empty when nothing took turns. */
export function findingsOf(result: RunResult): Found[] {
  const others = (result.against ?? []).map((one) => ({ title: `With ${one.flags}`, sentences: [findingOf(one)] }));
  return [...costsFound(result), ...others];
}

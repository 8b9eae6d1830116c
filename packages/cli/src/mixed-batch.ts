// The ten jobs of test-batch, one of which is bound to fail, and what each should come to. Pure.
// What a handler returns is kept by no job server, so a job is judged by its end: acknowledged, failed, or never heard of.

import type { JobTexts, RunPlan } from '@jobstorm/loadtest';

export type JobEnd = 'completed' | 'failed' | 'no answer';

export interface MixedJob {
  type: string;
  /** As the api-service takes them. */
  args: { a: number; b: number } | readonly unknown[];
  should: JobEnd;
}

const job = (type: string, args: MixedJob['args'], should: JobEnd = 'completed'): MixedJob => ({ type, args, should });

/** By sequence number. */
export const mixedJobs: readonly MixedJob[] = [
  job('add', { a: 2, b: 3 }),
  job('add', { a: -1.5, b: 1e21 }),
  job('subtract', { a: 10, b: 4 }),
  job('multiply', { a: 6, b: 7 }),
  job('divide', { a: 84, b: 2 }),
  job('divide', { a: 1, b: 0 }, 'failed'),
  job('noop', []),
  job('sleep', [5]),
  job('spin', [1]),
  job('payload', ['blanks, "quotes" and ünïcödé ☂']),
];

/** The bodies of a plan of these jobs, for POST /jobs/batch only. */
export function mixedTexts({ run, queue, retry, reserveFor }: RunPlan): JobTexts {
  const only = (): never => {
    throw new Error('mixed jobs go by POST /jobs/batch');
  };
  return {
    batchBody(first, end, dueOf) {
      const jobs = mixedJobs.slice(first, end).map(({ type, args }, at) => {
        const seq = first + at;
        return { type, args, custom: { run, seq, due: dueOf(seq) }, queue, retry, reserve_for: reserveFor };
      });
      return JSON.stringify({ jobs });
    },
    singleBody: only,
    singleType: only,
    jobTexts: only,
    jid: only,
  };
}

export interface BatchSeen {
  /** Whether the job of that sequence number was acknowledged. */
  has(seq: number): boolean;
  /** Handler runs that failed. */
  failed: number;
}

/** What became of each job. Failures are counted and not named: they are those of the jobs that should fail, as far as they go. */
export function endsOf({ has, failed }: BatchSeen): JobEnd[] {
  const ends = mixedJobs.map((_, seq): JobEnd => (has(seq) ? 'completed' : 'no answer'));
  let left = failed;
  for (const failing of [true, false]) {
    for (const [seq, { should }] of mixedJobs.entries()) {
      if (left === 0 || ends[seq] !== 'no answer' || (should === 'failed') !== failing) continue;
      ends[seq] = 'failed';
      left--;
    }
  }
  return ends;
}

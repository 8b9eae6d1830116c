// The worker against the one that the faktory-worker package brings, on the same real Faktory. The baseline runs at the
// concurrency that is best for it on this machine, found first.

import type { JobShape } from '../backlog.ts';
import { type BenchCase, ratioOf, type Setting, type Side } from '../case.ts';
import { drain } from '../drain.ts';

const ours = 'jobstorm, 2,000 slots';
const theirs = 'faktory-worker, best';
// Plain jobs: neither side keeps a run's books.
const shape: JobShape = { jobtype: 'noop', args: '[]', counted: false };
const concurrencies = [5, 10, 20, 50, 100, 200];

async function measure(jobs: number, slots: number, engine: 'pipelined' | 'faktory-worker') {
  const { jobsPerS, workerUs, serverUs } = await drain({ server: 'real Faktory', jobs, shape, slots, engine });
  return { jobsPerS, workerUs, serverUs, coreSecondsPer1k: workerUs / 1000 };
}

/** The best of two tries each counts, so that one disturbed run does not choose. */
async function bestConcurrency({ count, note }: Setting): Promise<number> {
  const best = new Map<number, number>();
  for (const concurrency of [...concurrencies, ...concurrencies.toReversed()]) {
    const { jobsPerS } = await measure(count(6000, 2000), concurrency, 'faktory-worker');
    best.set(concurrency, Math.max(jobsPerS, best.get(concurrency) ?? 0));
  }
  const [chosen] = [...best].sort((a, b) => b[1] - a[1])[0]!;
  note(`faktory-worker by concurrency: ${[...best].map(([c, rate]) => `${c}: ${Math.round(rate)} jobs/s`).join(', ')}`);
  note(`its best: ${chosen}`);
  return chosen;
}

export const workerOnFaktory: BenchCase = {
  name: 'worker-on-faktory',
  about: 'real Faktory, 20,000 no-op jobs: our worker against faktory-worker at its best concurrency',
  realFaktory: 'needed',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'coreSecondsPer1k', title: 'worker core-s per 1,000 jobs', digits: 4 },
    { key: 'serverUs', title: 'server us/job', digits: 1 },
  ],
  figures: [
    { what: 'jobs/s, ours over theirs', value: ratioOf(ours, theirs, 'jobsPerS'), digits: 2, unit: 'x', atLeast: 1.9 },
    {
      what: 'core-seconds per 1,000 jobs, ours over theirs',
      value: ratioOf(ours, theirs, 'coreSecondsPer1k'),
      digits: 2,
      unit: 'x',
      atMost: 0.4,
    },
  ],
  async sides(setting): Promise<Side[]> {
    const jobs = setting.count(20_000, 4000);
    const concurrency = await bestConcurrency(setting);
    return [
      { name: ours, run: () => measure(jobs, 2000, 'pipelined') },
      { name: theirs, run: () => measure(jobs, concurrency, 'faktory-worker') },
    ];
  },
};

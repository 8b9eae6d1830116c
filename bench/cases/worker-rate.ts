// What one worker process does with server-node when nothing holds it back, and what it costs to keep a run's books: histograms,
// ledger, series.

import type { JobShape } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { drain } from '../drain.ts';

const recorded = 'recorded';

async function measure(jobs: number) {
  const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
  const { jobsPerS, workerUs, serverUs } = await drain({ server: 'server-node', jobs, shape, slots: 6000 });
  return { jobsPerS, coreSecondsPer1k: workerUs / 1000, serverUs };
}

export const workerRate: BenchCase = {
  name: 'worker-rate',
  about: 'server-node, 1,000,000 no-op jobs of a run, all recorded, by one process of 6,000 slots',
  realFaktory: 'unused',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'coreSecondsPer1k', title: 'worker core-s per 1,000 jobs', digits: 4 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
  ],
  figures: [
    { what: 'no-op jobs', value: readingOf(recorded, 'jobsPerS'), digits: 0, unit: ' jobs/s', atLeast: 200_000 },
    {
      what: 'core-seconds per 1,000 jobs, recording on',
      value: readingOf(recorded, 'coreSecondsPer1k'),
      digits: 4,
      unit: '',
      atMost: 0.005,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: recorded, run: () => measure(count(1_000_000, 150_000)) }];
  },
};

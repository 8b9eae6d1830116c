// What a worker does with server-node when nothing holds it back, all books of the run kept: histograms, ledger, series. Two processes beside the
// server are what `worker 6000 2` gives on two cores.

import type { JobShape } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { drain } from '../drain.ts';

const recorded = 'worker 6000 1';
const byTwo = 'worker 6000 2';

async function measure(jobs: number, cpus: number) {
  const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
  const { jobsPerS, workerUs, serverUs } = await drain({ server: 'server-node', jobs, shape, slots: 6000, cpus });
  return { jobsPerS, coreSecondsPer1k: workerUs / 1000, serverUs };
}

export const workerRate: BenchCase = {
  name: 'worker-rate',
  about: 'server-node, 1,000,000 no-op jobs of a run, all recorded, by 6,000 slots in one process and in two',
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
    { what: 'worker 6000 2', value: readingOf(byTwo, 'jobsPerS'), digits: 0, unit: ' jobs/s' },
  ],
  async sides({ count }): Promise<Side[]> {
    const jobs = count(1_000_000, 150_000);
    return [
      { name: recorded, run: () => measure(jobs, 1) },
      { name: byTwo, run: () => measure(jobs, 2) },
    ];
  },
};

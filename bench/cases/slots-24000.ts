// More slots than a process usually has: 24,000 of them in jobs of 100 ms could complete 240,000 a second at the very most, which is
// about what as many jobs that do nothing come to on the same machine.

import { type BenchCase, ratioOf, type Side } from '../case.ts';
import { drain } from '../drain.ts';

const slots = 24_000;
const asleep = 'jobs of 100 ms';
const noop = 'no-op jobs';

async function measure(jobtype: string, args: string, jobs: number): Promise<Record<string, number>> {
  const shape = { jobtype, args, counted: true };
  const { jobsPerS, workerUs, serverUs, workerMb } = await drain({ server: 'server-node', jobs, shape, slots });
  return { jobsPerS, ofBound: jobsPerS / (slots / 0.1), workerUs, serverUs, workerMb };
}

export const slots24000: BenchCase = {
  name: 'slots-24000',
  about: 'server-node, one worker process of 24,000 slots: jobs that take 100 ms against jobs that do nothing',
  realFaktory: 'unused',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'ofBound', title: 'of slots / 100 ms', digits: 3 },
    { key: 'workerUs', title: 'worker us/job', digits: 2 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
    { key: 'workerMb', title: 'worker peak RSS, MB', digits: 1 },
  ],
  figures: [
    {
      what: 'rate kept in jobs of 100 ms',
      value: ratioOf(asleep, noop, 'jobsPerS'),
      digits: 2,
      unit: 'x',
      atLeast: 0.9,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    const jobs = count(1_000_000, 200_000);
    return [
      { name: asleep, run: () => measure('sleep', '[100]', jobs) },
      { name: noop, run: () => measure('noop', '[]', jobs) },
    ];
  },
};

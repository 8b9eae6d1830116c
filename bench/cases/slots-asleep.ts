// Slots that only wait: 6,000 of them in 100 ms sleeps could complete 60,000 jobs/s at the very most.

import { type BenchCase, readingOf, type Side } from '../case.ts';
import { drain } from '../drain.ts';

const slots = 6000;
const serviceMs = 100;
const bound = (slots / serviceMs) * 1000;

async function measure(jobs: number): Promise<Record<string, number>> {
  const shape = { jobtype: 'sleep', args: `[${serviceMs}]`, counted: true };
  const { jobsPerS, workerUs, workerMb } = await drain({ server: 'server-node', jobs, shape, slots });
  return { jobsPerS, ofBound: jobsPerS / bound, workerUs, workerMb };
}

export const slotsAsleep: BenchCase = {
  name: 'slots-asleep',
  about:
    'server-node, one worker process of 6,000 slots in 100 ms sleeps: jobs/s against slots / service time, and its memory',
  realFaktory: 'unused',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'ofBound', title: 'of slots / service time', digits: 3 },
    { key: 'workerUs', title: 'worker us/job', digits: 2 },
    { key: 'workerMb', title: 'worker peak RSS, MB', digits: 1 },
  ],
  figures: [
    {
      what: 'completed',
      value: readingOf('6,000 slots', 'jobsPerS'),
      digits: 0,
      unit: ' jobs/s',
      atLeast: 0.9 * bound,
    },
    { what: 'worker peak RSS', value: readingOf('6,000 slots', 'workerMb'), digits: 1, unit: ' MB', atMost: 100 },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: '6,000 slots', run: () => measure(count(600_000, 120_000)) }];
  },
};

// How fast one worker process empties server-node, and how that compares with the same worker on a real Faktory.

import type { JobShape } from '../backlog.ts';
import { type BenchCase, ratioOf, readingOf, type Side } from '../case.ts';
import { drain } from '../drain.ts';
import type { ServerKind } from '../nest.ts';

// As in a perf-test: the worker keeps histograms and a ledger for them.
const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };

async function measure(server: ServerKind, jobs: number) {
  const { jobsPerS, workerUs, serverUs } = await drain({ server, jobs, shape, slots: 2000 });
  return { jobsPerS, workerUs, serverUs };
}

export const drainCase: BenchCase = {
  name: 'drain',
  about:
    'server-node, 1,000,000 no-op jobs fetched, run and acknowledged by one process of 2,000 slots; with a journal, and real Faktory',
  realFaktory: 'beside',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'workerUs', title: 'worker us/job', digits: 2 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
  ],
  figures: [
    { what: 'server-node', value: readingOf('server-node', 'jobsPerS'), digits: 0, unit: ' jobs/s', atLeast: 150_000 },
    {
      what: 'server-node over real Faktory',
      value: ratioOf('server-node', 'real Faktory', 'jobsPerS'),
      digits: 1,
      unit: 'x',
      atLeast: 20,
    },
    {
      what: 'with a journal over in memory',
      value: ratioOf('server-node --data', 'server-node', 'jobsPerS'),
      digits: 2,
      unit: 'x',
      atLeast: 0.6,
    },
    {
      what: 'with a journal over real Faktory',
      value: ratioOf('server-node --data', 'real Faktory', 'jobsPerS'),
      digits: 1,
      unit: 'x',
      atLeast: 20,
    },
  ],
  async sides({ count, realFaktory }): Promise<Side[]> {
    const jobs = count(1_000_000, 150_000);
    const sides = (['server-node', 'server-node --data'] as const).map((name) => ({
      name: name as ServerKind,
      run: () => measure(name, jobs),
    }));
    if (realFaktory) sides.push({ name: 'real Faktory', run: () => measure('real Faktory', count(20_000, 4000)) });
    return sides;
  },
};

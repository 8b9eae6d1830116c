// How fast one worker process empties server-node, and how that compares with the same worker on a real Faktory.

import type { JobShape } from '../backlog.ts';
import { type BenchCase, ratioFigure, readingOf, realName, type Side } from '../case.ts';
import { drain } from '../drain.ts';
import type { ServerKind } from '../nest.ts';

// As in a perf-test: the worker keeps histograms and a ledger for them.
const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const journal = 'server-node --data';
const jobsPerS = { digits: 0, unit: ' jobs/s' };
const rate = { key: 'jobsPerS', unit: ' jobs/s' };

async function measure(server: ServerKind, jobs: number) {
  const { jobsPerS, workerUs, serverUs } = await drain({ server, jobs, shape, slots: 2000 });
  return { jobsPerS, workerUs, serverUs };
}

export const drainCase: BenchCase = {
  name: 'drain',
  about:
    'server-node, 600,000 no-op jobs fetched, run and acknowledged by one process of 2,000 slots; with a journal, and real Faktory',
  realFaktory: 'beside',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'workerUs', title: 'worker us/job', digits: 2 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
  ],
  figures: [
    { what: 'fetched and acknowledged', value: readingOf('server-node', 'jobsPerS'), ...jobsPerS, atLeast: 150_000 },
    ratioFigure({
      ...rate,
      what: 'fetched and acknowledged, in memory',
      side: 'server-node',
      other: realName,
      atLeast: 30,
    }),
    ratioFigure({
      ...rate,
      what: 'the same with a journal, --fsync always',
      side: journal,
      other: realName,
      atLeast: 20,
    }),
    ratioFigure({
      ...rate,
      what: 'with a journal over in memory',
      side: journal,
      other: 'server-node',
      digits: 2,
      atLeast: 0.6,
    }),
  ],
  async sides({ count, realFaktory }): Promise<Side[]> {
    const jobs = count(600_000, 150_000);
    const kinds: ServerKind[] = ['server-node', journal];
    const sides: Side[] = kinds.map((name) => ({ name, run: () => measure(name, jobs) }));
    if (realFaktory) sides.push({ name: realName, run: () => measure(realName, count(12_000, 4000)) });
    return sides;
  },
};

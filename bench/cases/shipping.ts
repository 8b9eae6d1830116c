// What it costs that every job of a run is recorded and all of it shipped: one worker process empties, by turns, a queue of plain jobs, one of
// jobs of a run, for which it keeps histograms, a rate and a ledger, and such a one of which it also tells a control room twice a second,
// which merges it as a run's recorder asks for it. The control room lives in this process, so its CPU is this process's beyond what it takes
// on the other sides.

import { startControlRoom } from '@jobstorm/dashboard';
import type { JobShape } from '../backlog.ts';
import { type BenchCase, type MedianOf, ratioFigure, type Side } from '../case.ts';
import { drain } from '../drain.ts';

const recorded = 'recorded and shipped';
const kept = 'recorded, not shipped';
const plain = 'plain jobs';
const everyMs = 500;

async function measure(jobs: number, counted: boolean, shipped: boolean): Promise<Record<string, number>> {
  const shape: JobShape = { jobtype: 'noop', args: '[]', counted };
  if (!shipped) {
    const { jobsPerS, workerUs, ownUs } = await drain({ server: 'server-node', jobs, shape, slots: 2000 });
    return { jobsPerS, workerUs, ownUs };
  }
  const { url, room, close } = await startControlRoom({ host: '127.0.0.1', port: 0 });
  const timer = setInterval(() => void room.poll().then(() => room.pulse('bench')), everyMs);
  try {
    const options = { server: 'server-node', jobs, shape, slots: 2000, control: url.replace('http', 'ws') } as const;
    const { jobsPerS, workerUs, ownUs } = await drain(options);
    return { jobsPerS, workerUs, ownUs };
  } finally {
    clearInterval(timer);
    await close();
  }
}

/** CPU of a job on the one side beyond the other's, worker and control room together. */
const addedUs = (one: string, other: string) => (median: MedianOf) => {
  const sum = (side: string) => {
    const [worker, own] = [median(side, 'workerUs'), median(side, 'ownUs')];
    return worker === null || own === null ? null : worker + own;
  };
  const [more, less] = [sum(one), sum(other)];
  return more === null || less === null ? null : more - less;
};

export const shipping: BenchCase = {
  name: 'shipping',
  about:
    'one worker process, 2,000 slots, no-op jobs off server-node: jobs of a run, recorded and shipped, against plain ones',
  realFaktory: 'unused',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'workerUs', title: 'worker us/job', digits: 3 },
    { key: 'ownUs', title: 'room us/job', digits: 3 },
  ],
  figures: [
    {
      what: 'CPU of a job that recording and shipping add',
      value: addedUs(recorded, plain),
      digits: 3,
      unit: ' us',
      atMost: 0.5,
    },
    { what: 'of that shipping', value: addedUs(recorded, kept), digits: 3, unit: ' us' },
    ratioFigure({
      key: 'jobsPerS',
      unit: ' jobs/s',
      what: 'rate, shipped over not shipped',
      side: recorded,
      other: kept,
      digits: 3,
    }),
    ratioFigure({
      key: 'jobsPerS',
      unit: ' jobs/s',
      what: 'rate, recorded over plain',
      side: recorded,
      other: plain,
      digits: 3,
      atLeast: 0.95,
    }),
  ],
  async sides({ count }): Promise<Side[]> {
    const jobs = count(1_000_000, 150_000);
    return [
      { name: recorded, run: () => measure(jobs, true, true) },
      { name: kept, run: () => measure(jobs, true, false) },
      { name: plain, run: () => measure(jobs, false, false) },
    ];
  },
};

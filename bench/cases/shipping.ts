// What it costs that every job of a run is recorded and all of it shipped, at 100,000 jobs/s offered: by turns plain jobs, jobs of a run, for
// which the worker keeps histograms, a rate and a ledger, and such jobs of which it also tells a control room twice a second, which
// merges it as a run's recorder asks for it. The control room lives in this process, which offers the jobs as well; so its CPU is
// this process's beyond what it takes on the other sides.

import { setTimeout as sleep } from 'node:timers/promises';
import { startControlRoom } from '@jobstorm/dashboard';
import { type JobShape, serverCounts } from '../backlog.ts';
import { type BenchCase, type MedianOf, ratioFigure, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { offer } from '../offer.ts';
import { fineCpuUs } from '../proc.ts';

const recorded = 'recorded and shipped';
const kept = 'recorded, not shipped';
const plain = 'plain jobs';
const everyMs = 500;
const offeredPerS = 100_000;
/** Not counted: compilers and windows find their pace. */
const warmMs = 2000;

/** A control room that is asked as a run's recorder asks it. */
async function watched(nest: Nest): Promise<string[]> {
  const { url, room, close } = await startControlRoom({ host: '127.0.0.1', port: 0 });
  nest.add(() => close());
  const timer = setInterval(() => void room.poll().then(() => room.pulse('bench')), everyMs);
  nest.add(() => clearInterval(timer));
  return ['--control', url.replace('http', 'ws')];
}

function measure(seconds: number, counted: boolean, shipped: boolean): Promise<Record<string, number>> {
  const shape: JobShape = { jobtype: 'noop', args: '[]', counted };
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const report = shipped ? await watched(nest) : [];
    const worker = await nest.part('worker', '2000', '1', '--url', server.url, ...report);
    const [asker, pusher] = [await nest.connection(server), await nest.connection(server)];
    const look = async () => {
      const { processed } = await serverCounts(asker);
      const { user, system } = process.cpuUsage();
      return { processed, atMs: performance.now(), workerUs: fineCpuUs(worker.pids), ownUs: user + system };
    };
    const offered = offer(pusher, shape, offeredPerS);
    await sleep(warmMs);
    const first = await look();
    await sleep(seconds * 1000);
    const last = await look();
    await offered.stop();
    const jobs = last.processed - first.processed;
    return {
      jobsPerS: (jobs / (last.atMs - first.atMs)) * 1000,
      workerUs: (last.workerUs - first.workerUs) / jobs,
      ownUs: (last.ownUs - first.ownUs) / jobs,
    };
  });
}

/** CPU of a job on the one side beyond the other's, worker and this process together. */
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
    'one worker process, 2,000 slots, no-op jobs at 100,000 jobs/s off server-node: jobs of a run, recorded and shipped, against plain ones',
  realFaktory: 'unused',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'workerUs', title: 'worker us/job', digits: 3 },
    { key: 'ownUs', title: 'room and offer, us/job', digits: 3 },
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
      what: 'rate, recorded over plain',
      side: recorded,
      other: plain,
      digits: 3,
      atLeast: 0.95,
    }),
  ],
  async sides({ count }): Promise<Side[]> {
    const seconds = count(8, 2);
    return [
      { name: recorded, run: () => measure(seconds, true, true) },
      { name: kept, run: () => measure(seconds, true, false) },
      { name: plain, run: () => measure(seconds, false, false) },
    ];
  },
};

// What it costs that every job of a run is recorded and all of it shipped, at 100,000 jobs/s offered: the worker keeps histograms, a rate and a
// ledger, and tells a control room twice a second, which merges it as a run's recorder asks for it. Blocks of such jobs and of jobs with
// the same text that belong to no run take turns in one queue, seconds each, so that machine and warmth are the same for both and what
// is shipped falls into the block that it is of. The control room lives in this process, which offers the jobs as well, equally for
// both; so its CPU is what this process takes beyond what it does for the other blocks.

import { startControlRoom } from '@jobstorm/dashboard';
import { type JobShape, serverCounts } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { aJobOf, looksAt } from '../marks.ts';
import { Nest } from '../nest.ts';
import { offer } from '../offer.ts';
import { fineCpuUs } from '../proc.ts';

const side = 'one worker';
const pollEveryMs = 500;
const lookEveryMs = 50;
const offeredPerS = 100_000;
/** Not counted: compilers find their pace. */
const warmJobs = 2 * offeredPerS;

/** Of every four blocks the first and the last are of the run, so that what gets faster as it goes favours neither kind. */
const isRecorded = (block: number) => block % 4 === 0 || block % 4 === 3;
const blocks = 8;

/** A control room that is asked as a run's recorder asks it. */
async function watched(nest: Nest): Promise<string> {
  const { url, room, close } = await startControlRoom({ host: '127.0.0.1', port: 0 });
  nest.add(() => close());
  const timer = setInterval(() => void room.poll().then(() => room.pulse('bench')), pollEveryMs);
  nest.add(() => clearInterval(timer));
  return url.replace('http', 'ws');
}

function measure(blockS: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const control = await watched(nest);
    const worker = await nest.part('worker', '2000', '1', '--url', server.url, '--control', control);
    const [asker, pusher] = [await nest.connection(server), await nest.connection(server)];
    const block = blockS * offeredPerS;
    const noop = { jobtype: 'noop', args: '[]' };
    const [counted, other]: JobShape[] = [
      { ...noop, counted: true },
      { ...noop, counted: 'text only' },
    ];
    const blockOf = (seq: number) => Math.max(0, Math.floor((seq - warmJobs) / block));
    const offered = offer(pusher, (seq) => (isRecorded(blockOf(seq)) ? counted! : other!), offeredPerS);
    const marks = Array.from({ length: blocks + 1 }, (_, at) => warmJobs + at * block);
    const looks = await looksAt(marks, lookEveryMs, async () => {
      const { processed } = await serverCounts(asker);
      const { user, system } = process.cpuUsage();
      return { processed, ms: performance.now(), workerUs: fineCpuUs(worker.pids), ownUs: user + system };
    });
    await offered.stop();
    const of = (isMeant: (block: number) => boolean) => ({
      perS: 1000 / aJobOf(looks, isMeant, 'ms'),
      workerUs: aJobOf(looks, isMeant, 'workerUs'),
      ownUs: aJobOf(looks, isMeant, 'ownUs'),
    });
    const [recorded, plain] = [of(isRecorded), of((at) => !isRecorded(at))];
    const [atWorkerUs, atRoomUs] = [recorded.workerUs - plain.workerUs, recorded.ownUs - plain.ownUs];
    return {
      perS: recorded.perS,
      plainPerS: plain.perS,
      kept: recorded.perS / plain.perS,
      workerUs: recorded.workerUs,
      atWorkerUs,
      atRoomUs,
      addedUs: atWorkerUs + atRoomUs,
    };
  });
}

export const shipping: BenchCase = {
  name: 'shipping',
  about:
    'one worker process, 2,000 slots, no-op jobs at 100,000 jobs/s off server-node: jobs of a run, recorded and shipped, and others by turns',
  realFaktory: 'unused',
  columns: [
    { key: 'perS', title: 'recorded, jobs/s', digits: 0 },
    { key: 'plainPerS', title: 'not recorded', digits: 0 },
    { key: 'workerUs', title: 'worker us/job, recorded', digits: 2 },
    { key: 'atWorkerUs', title: 'recording and shipping, worker us/job', digits: 3 },
    { key: 'atRoomUs', title: 'control room, us/job', digits: 3 },
  ],
  figures: [
    {
      what: 'CPU of a job that recording and shipping add',
      value: readingOf(side, 'addedUs'),
      digits: 3,
      unit: ' us',
      atMost: 0.5,
    },
    {
      what: 'rate, recorded over not recorded',
      value: readingOf(side, 'kept'),
      digits: 3,
      unit: 'x',
      atLeast: 0.95,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: side, run: () => measure(count(3, 1)) }];
  },
};

// What it costs the worker to keep a run's books. One queue holds blocks of recorded and of plain jobs in turn, all of one length, and
// one worker empties it, so that machine, warmth and garbage are the same for both; CPU is read where one block ends and the next
// begins.

import { setTimeout as sleep } from 'node:timers/promises';
import { fillQueue, type JobShape, serverCounts } from '../backlog.ts';
import type { BenchCase, Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { cpuUs } from '../proc.ts';

const side = 'one worker';
const lookEveryMs = 10;

/** CPU when `processed` had reached each of these numbers of jobs, between the two looks around it. */
async function cpuAt(marks: readonly number[], look: () => Promise<{ processed: number; us: number }>) {
  const found: number[] = [];
  let before = await look();
  while (found.length < marks.length) {
    await sleep(lookEveryMs);
    const now = await look();
    for (let mark = marks[found.length]!; now.processed >= mark; mark = marks[found.length] ?? Infinity) {
      const share = (mark - before.processed) / Math.max(1, now.processed - before.processed);
      found.push(before.us + (now.us - before.us) * share);
    }
    before = now;
  }
  return found;
}

function measure(block: number, pairs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const connection = await nest.connection(server);
    const shapeOf = (counted: boolean): JobShape => ({ jobtype: 'noop', args: '[]', counted });
    // The first pair only warms up.
    const blocks = Array.from({ length: 2 * (pairs + 1) }, (_, at) => at % 2 === 0);
    for (const [at, counted] of blocks.entries()) await fillQueue(connection, shapeOf(counted), block, at * block);
    const worker = await nest.part('worker', '6000', '1', '--url', server.url);
    const marks = blocks.slice(1).map((_, at) => (at + 2) * block);
    const us = await cpuAt(marks, async () => {
      const { processed } = await serverCounts(connection);
      return { processed, us: cpuUs(worker.pids) };
    });
    const spent = (from: number) => {
      let sum = 0;
      for (let at = from; at + 1 < us.length; at += 2) sum += us[at + 1]! - us[at]!;
      return sum / (block * pairs);
    };
    const [recordedUs, plainUs] = [spent(0), spent(1)];
    return { recordedUs, plainUs, recordingUs: recordedUs - plainUs };
  });
}

export const recording: BenchCase = {
  name: 'recording',
  about: "what it costs to keep a run's books, a job: recorded and plain jobs by turns in one queue of server-node",
  realFaktory: 'unused',
  columns: [
    { key: 'recordedUs', title: 'recorded, us/job', digits: 2 },
    { key: 'plainUs', title: 'plain, us/job', digits: 2 },
    { key: 'recordingUs', title: 'difference', digits: 2 },
  ],
  figures: [
    {
      what: 'full recording, CPU a job',
      value: (median) => median(side, 'recordingUs'),
      digits: 2,
      unit: ' us',
      atMost: 0.5,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: side, run: () => measure(count(150_000, 30_000), count(4, 2)) }];
  },
};

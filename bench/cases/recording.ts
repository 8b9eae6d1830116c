// What it costs the worker to keep a run's books. One queue holds blocks of jobs that are recorded and of jobs that are not, all of one length, and
// one worker empties it, so that machine, warmth and garbage are the same for both; CPU is read where one block ends and the next
// begins.

import { fillQueue, type JobShape, serverCounts } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { aJobOf, looksAt } from '../marks.ts';
import { Nest } from '../nest.ts';
import { fineCpuUs } from '../proc.ts';

const side = 'one worker';
const lookEveryMs = 10;

/** By turns. */
const kinds = [true, 'text only', false] as const;

function measure(block: number, turns: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const connection = await nest.connection(server);
    const shapeOf = (counted: JobShape['counted']): JobShape => ({ jobtype: 'noop', args: '[]', counted });
    // The first turn only warms up.
    const blocks = Array.from({ length: turns + 1 }, () => kinds).flat();
    for (const [at, counted] of blocks.entries()) await fillQueue(connection, shapeOf(counted), block, at * block);
    const worker = await nest.part('worker', '6000', '1', '--url', server.url);
    // The end of each block, from the end of the first turn on.
    const ends = Array.from({ length: turns * kinds.length + 1 }, (_, at) => (kinds.length + at) * block);
    const looks = await looksAt(ends, lookEveryMs, async () => {
      const { processed } = await serverCounts(connection);
      return { processed, us: fineCpuUs(worker.pids) };
    });
    const spent = (kind: number) => aJobOf(looks, (at) => at % kinds.length === kind, 'us');
    const [recordedUs, textUs, plainUs] = [spent(0), spent(1), spent(2)];
    return { recordedUs, textUs, plainUs, recordingUs: recordedUs - textUs, allUs: recordedUs - plainUs };
  });
}

export const recording: BenchCase = {
  name: 'recording',
  about:
    "what it costs to keep a run's books, a job: jobs that are recorded and jobs that are not by turns in one queue",
  realFaktory: 'unused',
  columns: [
    { key: 'recordedUs', title: 'recorded, us/job', digits: 2 },
    { key: 'textUs', title: 'same text, not recorded', digits: 2 },
    { key: 'plainUs', title: 'no run in the text', digits: 2 },
    { key: 'recordingUs', title: 'recording', digits: 2 },
    { key: 'allUs', title: 'recording and reading its fields', digits: 2 },
  ],
  figures: [
    {
      what: 'full recording, CPU a job',
      value: readingOf(side, 'recordingUs'),
      digits: 2,
      unit: ' us',
      atMost: 0.5,
    },
    {
      what: 'the same with the JSON of its three fields',
      value: readingOf(side, 'allUs'),
      digits: 2,
      unit: ' us',
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: side, run: () => measure(count(100_000, 20_000), count(4, 2)) }];
  },
};

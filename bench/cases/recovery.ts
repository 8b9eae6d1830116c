// A million queued jobs, the server killed with kill -9, and how long until the next one serves them; what a queued job costs in
// memory above its own text, in the server that took it and in the one that found it again.

import { fillQueue, type JobShape, queue } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { rssBytes } from '../proc.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: false };

function measure(jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const data = nest.folder();
    const first = await nest.serverNode('--data', data);
    const connection = await nest.connection(first);
    const emptyBytes = rssBytes(first.pid);
    await fillQueue(connection, shape, jobs);
    const filledBytes = rssBytes(first.pid);
    await first.kill();
    const startMs = performance.now();
    const second = await nest.serverNode('--data', data);
    const startedMs = performance.now() - startMs;
    const foundBytes = rssBytes(second.pid);
    const reply = await (await nest.connection(second)).call(`FETCH ${queue}`);
    const textBytes = Number(/^\$(\d+)/.exec(reply ?? '')?.[1]);
    return {
      startedMs,
      aboveText: (filledBytes - emptyBytes) / jobs - textBytes,
      aboveTextAgain: (foundBytes - emptyBytes) / jobs - textBytes,
    };
  });
}

export const recovery: BenchCase = {
  name: 'recovery',
  about: 'server-node with a journal: 1,000,000 queued jobs found again after a kill -9, and their bytes in memory',
  realFaktory: 'unused',
  columns: [
    { key: 'startedMs', title: 'ms until ready', digits: 0 },
    { key: 'aboveText', title: 'bytes/job above text', digits: 1 },
    { key: 'aboveTextAgain', title: 'after the restart', digits: 1 },
  ],
  figures: [
    {
      what: '1,000,000 jobs found again: from the start of the process on',
      value: readingOf('server-node', 'startedMs'),
      digits: 0,
      unit: ' ms',
      atMost: 6000,
    },
    {
      what: 'memory of a queued job above its text, with a journal',
      value: readingOf('server-node', 'aboveText'),
      digits: 1,
      unit: ' bytes',
      atMost: 120,
    },
    {
      what: 'the same after the restart',
      value: readingOf('server-node', 'aboveTextAgain'),
      digits: 1,
      unit: ' bytes',
      atMost: 120,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: 'server-node', run: () => measure(count(1_000_000, 200_000)) }];
  },
};

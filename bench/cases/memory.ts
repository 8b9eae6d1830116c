// What a queued job costs server-node above the job's own text.

import type { RawConnection } from '@jobstorm/testkit';
import { type JobShape, queue } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { rssBytes } from '../proc.ts';

// Not counted: those are all of one length, so that a few tell the length of all.
const shape: JobShape = { jobtype: 'noop', args: '[]', counted: false };
const sample = 100;

/** Mean length of jobs as a FETCH gives them, in bytes. */
async function fetchedBytes(connection: RawConnection): Promise<number> {
  let bytes = 0;
  for (let i = 0; i < sample; i++) {
    const reply = await connection.call(`FETCH ${queue}`);
    const length = /^\$(\d+)\r\n/.exec(reply ?? '')?.[1];
    if (length === undefined) throw new Error(`a FETCH was answered with ${reply ?? 'a close'}`);
    bytes += Number(length);
  }
  return bytes / sample;
}

function measure(jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const { server, connection, emptyBytes } = await nest.filled('server-node', shape, jobs);
    const after = rssBytes(server.pid);
    const textBytes = await fetchedBytes(connection);
    return { aboveText: (after - emptyBytes) / jobs - textBytes, textBytes, serverMb: after / 1e6 };
  });
}

export const memory: BenchCase = {
  name: 'memory',
  about: 'server-node: bytes a queued job above its own text at 1,000,000 jobs',
  realFaktory: 'unused',
  columns: [
    { key: 'aboveText', title: 'bytes/job above text', digits: 1 },
    { key: 'textBytes', title: 'text bytes/job', digits: 1 },
    { key: 'serverMb', title: 'server RSS, MB', digits: 1 },
  ],
  figures: [
    {
      what: 'memory of a queued job above its text',
      value: readingOf('server-node', 'aboveText'),
      digits: 1,
      unit: ' bytes',
      atMost: 120,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: 'server-node', run: () => measure(count(1_000_000, 200_000)) }];
  },
};

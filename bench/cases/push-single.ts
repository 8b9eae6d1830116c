// Jobs in one by one: 64 connections, each waiting for the answer to its PUSH before it sends the next. What a promise costs: with
// a journal every answer waits for the disk, together with those of the other connections.

import type { RawConnection } from '@jobstorm/testkit';
import { type JobShape, jobText } from '../backlog.ts';
import { type BenchCase, ratioOf, readingOf, type Side } from '../case.ts';
import { Nest, type ServerKind } from '../nest.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const connectionCount = 64;

/** Pushes jobs first … end-1; resolves with the time that took, in ms. */
async function pushAll(connections: readonly RawConnection[], first: number, end: number): Promise<number> {
  const startMs = performance.now();
  let next = first;
  const lane = async (connection: RawConnection) => {
    while (next < end) {
      const reply = await connection.call(`PUSH ${jobText(shape, next++)}`);
      if (reply !== '+OK') throw new Error(`a PUSH was answered with ${reply ?? 'a close'}`);
    }
  };
  await Promise.all(connections.map(lane));
  return performance.now() - startMs;
}

function measure(kind: ServerKind, jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server(kind);
    const connections = await Promise.all(Array.from({ length: connectionCount }, () => nest.connection(server)));
    const warmUp = Math.round(jobs / 5);
    await pushAll(connections, 0, warmUp);
    const beforeUs = server.cpuUs();
    const tookMs = await pushAll(connections, warmUp, warmUp + jobs);
    return { jobsPerS: (jobs / tookMs) * 1000, serverUs: (server.cpuUs() - beforeUs) / jobs };
  });
}

export const pushSingle: BenchCase = {
  name: 'push-single',
  about:
    'jobs in by single PUSHes over 64 connections, one unanswered on each: server-node, with a journal, and real Faktory',
  realFaktory: 'beside',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
  ],
  figures: [
    { what: 'server-node', value: readingOf('server-node', 'jobsPerS'), digits: 0, unit: ' jobs/s' },
    {
      what: 'with a journal over real Faktory',
      value: ratioOf('server-node --data', 'real Faktory', 'jobsPerS'),
      digits: 2,
      unit: 'x',
      atLeast: 1.6,
    },
  ],
  async sides({ count, realFaktory }): Promise<Side[]> {
    const kinds: ServerKind[] = ['server-node', 'server-node --data'];
    if (realFaktory) kinds.push('real Faktory');
    return kinds.map((name) => ({ name, run: () => measure(name, count(100_000, 20_000)) }));
  },
};

// What it costs a FETCH to name a thousand queues, with jobs in all of them, beside one: the time from a FETCH to its job, one at a
// time as clients ask, and the server's CPU for it. Its line is ten thousand bytes long then, which have to come in and be looked at.

import type { RawConnection } from '@jobstorm/testkit';
import { type JobShape, queue } from '../backlog.ts';
import { type BenchCase, ratioFigure, ratioOf, readingOf, realName, type Side } from '../case.ts';
import { Nest, type ServerKind } from '../nest.ts';

const queueCount = 1000;
const nameOf = (i: number) => `queue-${String(i).padStart(3, '0')}`;
const thousand = Array.from({ length: queueCount }, (_, i) => nameOf(i)).join(' ');
const plain: JobShape = { jobtype: 'noop', args: '[]', counted: true };
// A stride that meets all of them, in no order that a list has.
const spread: JobShape = { ...plain, queueOf: (seq) => nameOf((seq * 617) % queueCount) };

const sides = { one: '1 queue', many: '1,000 queues', realOne: 'real, 1 queue', realMany: 'real, 1,000 queues' };

/** Times in ms of FETCHes, each sent when the one before was answered. */
async function fetchOneByOne(connection: RawConnection, names: string, jobs: number): Promise<number[]> {
  const line = Buffer.from(`FETCH ${names}\r\n`);
  const took: number[] = [];
  for (let i = 0; i < jobs; i++) {
    const sentMs = performance.now();
    connection.send(line);
    const reply = await connection.reply();
    took.push(performance.now() - sentMs);
    if (!reply?.startsWith('$') || reply === '$-1') throw new Error(`a FETCH was answered with ${reply ?? 'a close'}`);
  }
  return took;
}

function measure(kind: ServerKind, names: string, jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const { server, connection } = await nest.filled(kind, names === queue ? plain : spread, jobs * 2);
    await fetchOneByOne(connection, names, jobs / 2);
    const beforeUs = server.cpuUs();
    const took = await fetchOneByOne(connection, names, jobs);
    const serverUs = (server.cpuUs() - beforeUs) / jobs;
    took.sort((a, b) => a - b);
    return { p50Us: took[took.length >> 1]! * 1000, serverUs };
  });
}

export const manyQueues: BenchCase = {
  name: 'many-queues',
  about:
    'a FETCH that names 1,000 queues, all with jobs, beside one that names 1: from the FETCH to its job, one at a time',
  realFaktory: 'beside',
  columns: [
    { key: 'p50Us', title: 'FETCH to job p50, us', digits: 1 },
    { key: 'serverUs', title: 'server us/FETCH', digits: 1 },
  ],
  figures: [
    {
      what: 'FETCH that names 1,000 queues over one of 1',
      value: ratioOf(sides.many, sides.one, 'p50Us'),
      digits: 2,
      unit: 'x',
      atMost: 1.2,
      madeOf: {
        ours: readingOf(sides.many, 'p50Us'),
        real: readingOf(sides.realMany, 'p50Us'),
        digits: 1,
        unit: ' us',
      },
    },
    ratioFigure({
      what: 'its CPU in server-node over that of 1',
      side: sides.many,
      other: sides.one,
      key: 'serverUs',
      unit: ' us',
      readingDigits: 1,
      digits: 2,
    }),
  ],
  async sides({ count, realFaktory }): Promise<Side[]> {
    const jobs = count(10_000, 2000);
    const ours: Side[] = [
      { name: sides.one, run: () => measure('server-node', queue, jobs) },
      { name: sides.many, run: () => measure('server-node', thousand, jobs) },
    ];
    if (!realFaktory) return ours;
    const few = count(2000, 500);
    return [
      ...ours,
      { name: sides.realOne, run: () => measure(realName, queue, few) },
      { name: sides.realMany, run: () => measure(realName, thousand, few) },
    ];
  },
};

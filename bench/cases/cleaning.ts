// How long server-node with a journal keeps anybody waiting while it cleans: a backlog of which one job in ten stays is worked
// off, so that segments become sparse and are rewritten, and a connection of its own asks for INFO all the while. Beside it, the
// p99 of single PUSHes at a steady rate, and what the disk itself takes for a write that is synced.

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawConnection } from '@jobstorm/testkit';
import { fillQueue, type JobShape, jobText, queue } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };

const sortedQuantile = (values: number[], q: number) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;

/** Fetches `jobs` and acknowledges all but every tenth. */
async function workOff(connection: RawConnection, jobs: number): Promise<void> {
  const size = 200;
  for (let done = 0; done < jobs; done += size) {
    connection.send(`FETCH ${queue}\r\n`.repeat(size));
    const acks = [];
    for (let i = 0; i < size; i++) {
      const jid = /"jid":"([^"]*)"/.exec((await connection.reply()) ?? '')?.[1];
      if (jid === undefined) throw new Error('a FETCH was not answered with a job');
      if (i % 10 !== 0) acks.push(`ACK {"jid":"${jid}"}\r\n`);
    }
    connection.send(acks.join(''));
    for (const _ of acks) await connection.reply();
  }
}

/** Asks again and again until `isOver`; how long each answer took, in ms. */
async function ask(connection: RawConnection, isOver: () => boolean): Promise<number[]> {
  const took = [];
  while (!isOver()) {
    const startMs = performance.now();
    await connection.call('INFO');
    took.push(performance.now() - startMs);
    await sleep(1);
  }
  return took;
}

function measureCleaning(jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node --data');
    const [worker, asker] = [await nest.connection(server), await nest.connection(server)];
    await fillQueue(worker, shape, jobs);
    let isOver = false;
    const asking = ask(asker, () => isOver);
    await workOff(worker, jobs);
    await sleep(3000); // what is left to be cleaned
    isOver = true;
    const took = await asking;
    const info = JSON.parse(((await asker.call('INFO')) ?? '').split('\r\n')[1] ?? '{}');
    return { maxMs: Math.max(...took), p99Ms: sortedQuantile(took, 0.99), leftMb: info.server.journal.bytes / 1e6 };
  });
}

/** p99 of a write of 4 KiB that is synced, over what was written before, in ms. */
async function diskMs(folder: string): Promise<number> {
  const file = await open(`${folder}/probe`, constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC);
  const took = [];
  try {
    for (let at = 0; at < 64; at++) await file.write(Buffer.alloc(65536), 0, 65536, at * 65536);
    for (let i = 0; i < 1000; i++) {
      const startMs = performance.now();
      await file.write(Buffer.alloc(4096, i), 0, 4096, i * 4096);
      took.push(performance.now() - startMs);
    }
  } finally {
    await file.close();
  }
  return sortedQuantile(took, 0.99);
}

/** Single PUSHes over some connections, each sent when it is due; their latency since then, in ms. */
async function pushAt(connections: readonly RawConnection[], perS: number, jobs: number): Promise<number[]> {
  const took: number[] = [];
  const due: number[][] = connections.map(() => []);
  const startMs = performance.now();
  let answered: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    answered = resolve;
  });
  for (const [i, { socket }] of connections.entries()) {
    socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
      const nowMs = performance.now();
      for (let replies = chunk.length / 5; replies > 0; replies--) took.push(nowMs - due[i]!.shift()!);
      if (took.length === jobs) answered();
    });
  }
  for (let sent = 0; sent < jobs; ) {
    const dueJobs = Math.min(jobs, Math.floor(((performance.now() - startMs) / 1000) * perS));
    for (; sent < dueJobs; sent++) {
      const lane = sent % connections.length;
      due[lane]!.push(startMs + (sent / perS) * 1000);
      connections[lane]!.socket.write(`PUSH ${jobText(shape, sent)}\r\n`);
    }
    await new Promise(setImmediate);
  }
  await all;
  return took;
}

function measurePushes(jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const probe = await diskMs(nest.folder());
    const server = await nest.server('server-node --data');
    const connections = await Promise.all(Array.from({ length: 64 }, () => nest.connection(server)));
    await pushAt(connections, 20_000, jobs / 4);
    const took = await pushAt(connections, 20_000, jobs);
    const p99Ms = sortedQuantile(took, 0.99);
    return { p99Ms, maxMs: sortedQuantile(took, 1), diskP99Ms: probe, overDiskMs: p99Ms - 3 * probe };
  });
}

export const cleaning: BenchCase = {
  name: 'cleaning',
  about: 'server-node with a journal: waits while segments are rewritten; single PUSHes at 20,000 a second',
  realFaktory: 'unused',
  columns: [
    { key: 'p99Ms', title: 'p99, ms', digits: 2 },
    { key: 'maxMs', title: 'longest, ms', digits: 1 },
    { key: 'leftMb', title: 'MB left on disk', digits: 0 },
    { key: 'diskP99Ms', title: 'the disk, p99, ms', digits: 2 },
  ],
  figures: [
    {
      what: 'longest wait for INFO while it cleans',
      value: readingOf('cleaning', 'maxMs'),
      digits: 1,
      unit: ' ms',
      atMost: 50,
    },
    {
      what: "p99 of a PUSH above three times the disk's",
      value: readingOf('pushes', 'overDiskMs'),
      digits: 2,
      unit: ' ms',
      atMost: 2,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [
      { name: 'cleaning', run: () => measureCleaning(count(600_000, 300_000)) },
      { name: 'pushes', run: () => measurePushes(count(100_000, 20_000)) },
    ];
  },
};

// How long single PUSHes take at a steady rate while each of them waits for the disk, beside what the disk itself takes: a write
// of 4 KiB over bytes that a file has, and an fdatasync. And beside what a few lines of Node take for the same bytes at the same rate when they do
// no job server's work at all, without the disk and with it: the part of a tail that is this machine's.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobShape } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { fineCpuUs } from '../proc.ts';
import { type PushConnection, pushLines } from '../push-connection.ts';
import { quantile } from '../quantile.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const perS = 20_000;
const connectionCount = 64;

/** p99 of the disk's own, in ms. */
async function diskMs(folder: string): Promise<number> {
  const file = await open(`${folder}/probe`, 'w+');
  const took = [];
  try {
    for (let at = 0; at < 64; at++) await file.write(Buffer.alloc(65536), 0, 65536, at * 65536);
    await file.sync();
    for (let i = 0; i < 1000; i++) {
      const startMs = performance.now();
      await file.write(Buffer.alloc(4096, i), 0, 4096, i * 4096);
      await file.datasync();
      took.push(performance.now() - startMs);
    }
  } finally {
    await file.close();
  }
  return quantile(took, 0.99);
}

/** Between two looks at what is due; answers wait that long to be read, too. */
const napMs = 0.1;
const nothing = new Int32Array(new SharedArrayBuffer(4));

interface Pushed {
  /** From when a PUSH was due to its answer, in ms. */
  took: Float64Array;
  /** By how much the PUSHes were sent late, in ms: this process's share of that. */
  late: Float64Array;
}

/** Single PUSHes over some connections in turn, each sent when it is due. */
async function pushAt(connections: readonly PushConnection[], lines: readonly Buffer[]): Promise<Pushed> {
  const took = new Float64Array(lines.length);
  const late = new Float64Array(lines.length);
  const dueMs = (job: number) => (job / perS) * 1000;
  const startMs = performance.now();
  let answers = 0;
  let answered: () => void = () => {};
  const all = new Promise<void>((resolve, reject) => {
    answered = resolve;
    for (const connection of connections) connection.onError = reject;
  });
  all.catch(() => {}); // awaited once all is sent
  for (const [lane, connection] of connections.entries()) {
    let next = lane;
    connection.onReplies = (count) => {
      const nowMs = performance.now() - startMs;
      for (let replies = count; replies > 0; replies--) {
        took[answers++] = nowMs - dueMs(next);
        next += connections.length;
      }
      if (answers === lines.length) answered();
    };
  }
  for (let sent = 0; sent < lines.length; ) {
    const nowMs = performance.now() - startMs;
    const dueJobs = Math.min(lines.length, Math.floor((nowMs / 1000) * perS));
    for (; sent < dueJobs; sent++) {
      late[sent] = nowMs - dueMs(sent);
      connections[sent % connections.length]!.push(lines[sent]!);
    }
    await new Promise(setImmediate);
    // A loop that never sleeps takes a core from the server and the disk, which is half of a small machine.
    Atomics.wait(nothing, 0, 0, napMs);
  }
  await all;
  return { took, late };
}

/** What answers, by side. */
const journal = 'server-node --data';
const bare = 'a bare server';
const bareSynced = 'a bare server that syncs';

async function start(nest: Nest, side: string): Promise<{ port: number; pids: readonly number[] }> {
  if (side === journal) return nest.server(journal);
  return nest.part('./bare-push.mjs', ...(side === bareSynced ? [join(nest.folder(), 'written')] : []));
}

function measure(side: string, jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const probe = await diskMs(nest.folder());
    const { port, pids } = await start(nest, side);
    const connections = await nest.pushConnections(port, connectionCount);
    const [warmUp, lines] = [pushLines(shape, 0, jobs / 2), pushLines(shape, jobs / 2, jobs)];
    await pushAt(connections, warmUp);
    const [beforeUs, ownBefore] = [fineCpuUs(pids), process.cpuUsage()];
    const { took, late } = await pushAt(connections, lines);
    const serverUs = (fineCpuUs(pids) - beforeUs) / jobs;
    const own = process.cpuUsage(ownBefore);
    const [p50Ms, p99Ms, maxMs] = [quantile(took, 0.5), quantile(took, 0.99), quantile(took, 1)];
    const lateP99Ms = quantile(late, 0.99);
    const ownUs = (own.user + own.system) / jobs;
    return { p50Ms, p99Ms, maxMs, lateP99Ms, diskP99Ms: probe, overDiskMs: p99Ms - 3 * probe, serverUs, ownUs };
  });
}

export const steady: BenchCase = {
  name: 'steady',
  about:
    'server-node with a journal: single PUSHes at 20,000 a second over 64 connections, beside the disk itself and a bare server',
  realFaktory: 'unused',
  columns: [
    { key: 'p50Ms', title: 'p50, ms', digits: 2 },
    { key: 'p99Ms', title: 'p99, ms', digits: 2 },
    { key: 'maxMs', title: 'longest, ms', digits: 1 },
    { key: 'lateP99Ms', title: 'of it sent late, p99, ms', digits: 2 },
    { key: 'diskP99Ms', title: "the disk's p99, ms", digits: 2 },
    { key: 'serverUs', title: 'server us/job', digits: 1 },
    { key: 'ownUs', title: 'generator us/job', digits: 1 },
  ],
  figures: [
    {
      what: 'PUSH at 20,000 jobs/s, p99',
      value: readingOf(journal, 'p99Ms'),
      digits: 2,
      unit: ' ms',
    },
    { what: "the disk's own p99", value: readingOf(journal, 'diskP99Ms'), digits: 2, unit: ' ms' },
    { what: 'p99 of a bare server that keeps nothing', value: readingOf(bare, 'p99Ms'), digits: 2, unit: ' ms' },
    { what: 'p99 of one that only syncs', value: readingOf(bareSynced, 'p99Ms'), digits: 2, unit: ' ms' },
    {
      what: "that PUSH's p99 less three times the disk's",
      value: readingOf(journal, 'overDiskMs'),
      digits: 2,
      unit: ' ms',
      atMost: 2,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [journal, bare, bareSynced].map((name) => ({ name, run: () => measure(name, count(100_000, 20_000)) }));
  },
};

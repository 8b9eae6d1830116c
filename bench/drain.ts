// One worker empties a full queue. The clock runs from the first acknowledged jobs that are seen to the last one, so neither the
// worker's start nor its end counts; jobs acknowledged before the first look are not counted either.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RawConnection } from '@jobstorm/testkit';
import { type JobShape, serverCounts } from './backlog.ts';
import { type JobServer, Nest, type ServerKind } from './nest.ts';
import { cpuUs, peakRssBytes } from './proc.ts';

export interface DrainOptions {
  server: ServerKind;
  jobs: number;
  shape: JobShape;
  slots: number;
  /** Absent: 1, so one process. */
  cpus?: number;
  engine?: 'pipelined' | 'faktory-worker';
  /** ws://… of a control room that the worker reports to. */
  control?: string;
}

export interface Drained {
  jobsPerS: number;
  /** CPU of the worker, its supervisor included, per job. */
  workerUs: number;
  serverUs: number;
  /** CPU of this process per job. */
  ownUs: number;
  /** Peak of the process that runs the jobs. */
  workerMb: number;
}

const lookEveryMs = 15;
const patienceMs = 60_000;

/** Starts a server and a worker of one process, measures, and ends both. */
export function drain(options: DrainOptions): Promise<Drained & Record<string, number>> {
  return Nest.with(async (nest) => {
    const { server, connection } = await nest.filled(options.server, options.shape, options.jobs);
    return { ...(await drainFrom(nest, server, connection, options)) };
  });
}

async function drainFrom(
  nest: Nest,
  server: JobServer,
  connection: RawConnection,
  { jobs, slots, cpus = 1, engine = 'pipelined', control }: DrainOptions,
): Promise<Drained> {
  const report = control === undefined ? [] : ['--control', control];
  const flags = ['--url', server.url, '--engine', engine, ...report];
  const worker = await nest.part('worker', String(slots), String(cpus), ...flags);
  const look = async () => {
    const { processed, failures } = await serverCounts(connection);
    if (failures > 0) throw new Error(`${failures} jobs failed; measured are jobs that succeed`);
    const { user, system } = process.cpuUsage();
    const ownUs = user + system;
    return { processed, atMs: performance.now(), workerUs: cpuUs(worker.pids), serverUs: server.cpuUs(), ownUs };
  };
  let last = await look();
  let first = last.processed > 0 ? last : null;
  let progressMs = last.atMs;
  while (last.processed < jobs) {
    await sleep(lookEveryMs);
    const before = last.processed;
    last = await look();
    if (last.processed > before) progressMs = last.atMs;
    if (last.processed > 0) first ??= last;
    if (last.atMs - progressMs > patienceMs)
      throw new Error(`no progress for 60 s at ${last.processed} of ${jobs} jobs`);
  }
  if (first === null || last.processed === first.processed)
    throw new Error(`${jobs} jobs were over at the first look: too few`);
  const counted = last.processed - first.processed;
  return {
    jobsPerS: (counted / (last.atMs - first.atMs)) * 1000,
    workerUs: (last.workerUs - first.workerUs) / counted,
    serverUs: (last.serverUs - first.serverUs) / counted,
    ownUs: (last.ownUs - first.ownUs) / counted,
    workerMb: Math.max(...worker.pids.slice(1).map(peakRssBytes)) / 1e6,
  };
}

// The rate of a worker on a queue that does not run empty, over a stretch in its midst: neither its start, nor its warming up, nor
// its end counts. CPU over the same stretch, of the worker and of the server.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RawConnection } from '@jobstorm/testkit';
import { serverCounts } from './backlog.ts';
import type { JobServer } from './nest.ts';
import { cpuUs } from './proc.ts';

export interface Stretch {
  server: JobServer;
  /** Past its HELLO, to the same server. */
  connection: RawConnection;
  /** Of the worker, all its processes. */
  pids: readonly number[];
  /** From now until the stretch begins, and its length. */
  warmMs: number;
  windowMs: number;
}

/** What happened in it; CPU is for a job. */
export type Steady = Record<'jobsPerS' | 'workerUs' | 'serverUs' | 'connections', number> & {
  /** Acknowledged or failed, when it began and when it ended. */
  before: number;
  after: number;
};

export async function steady({ server, connection, pids, warmMs, windowMs }: Stretch): Promise<Steady> {
  const look = async () => ({
    ...(await serverCounts(connection)),
    atMs: performance.now(),
    workerUs: cpuUs(pids),
    serverUs: server.cpuUs(),
  });
  await sleep(warmMs);
  const first = await look();
  await sleep(windowMs);
  const last = await look();
  const done = last.processed - first.processed;
  if (done === 0) throw new Error('no job was done in the whole stretch');
  return {
    jobsPerS: (done / (last.atMs - first.atMs)) * 1000,
    workerUs: (last.workerUs - first.workerUs) / done,
    serverUs: (last.serverUs - first.serverUs) / done,
    // One of them is the one that asks.
    connections: Math.max(first.connections, last.connections) - 1,
    before: first.processed,
    after: last.processed,
  };
}

// Hurries a worker that was told to stop. The FETCHes that it still has out are answered one after the other, on an empty queue each
// after 2 s: 16 s in all. Jobs that do nothing answer them at once.
//
//   it leaves, and the queue is empty ─▶ 1 job, then 2, 4 … ─▶ it has ended ─▶ what nobody took is taken back
//
// Invariant: none of these jobs is left in the queue; one of somebody else's that comes along goes back there before it is acknowledged.

import { randomUUID } from 'node:crypto';
import type { Room } from '@jobstorm/dashboard';
import type { Client } from '@jobstorm/protocol';
import { heldOf } from './sampler.ts';

const mostAtOnce = 32;
/** More FETCHes than a worker has out on real Faktory, 8 a connection. One that goes on then waits for its jobs, and others take these. */
const mostInAll = 1024;
const lookEveryMs = 5;

export interface WakerOptions {
  client: Pick<Client, 'connected' | 'info' | 'pushBulk' | 'fetch' | 'ack'>;
  /** One that the worker fetches from. */
  queue: string;
  room: Pick<Room, 'poll' | 'workers'>;
}

/** A worker process there is about to end. */
async function isLeaving({ room }: WakerOptions): Promise<boolean> {
  await room.poll();
  return (await room.workers()).some(({ state }) => state.state !== 'running');
}

/** Settles as `ended` does. What fails on the way only makes it slower. */
export async function wakeUntil<T>(ended: Promise<T>, options: WakerOptions): Promise<T> {
  const { client, queue } = options;
  let isOver = false;
  const over = ended
    .catch(() => {})
    .then(() => {
      isOver = true;
    });
  const pushed = new Set<string>();
  const depth = async () => heldOf(await client.info(), [queue]).depth;
  try {
    const isWanted = async () => pushed.size < mostInAll && (await isLeaving(options)) && (await depth()) === 0;
    for (let size = 1; !isOver && client.connected; ) {
      if ((await Promise.race([isWanted(), over])) && !isOver) {
        const jobs = Array.from({ length: size }, () => wakeJob(queue));
        for (const { jid } of jobs) pushed.add(jid);
        await client.pushBulk(jobs);
        size = Math.min(mostAtOnce, size * 2, mostInAll - pushed.size);
      }
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, lookEveryMs))]);
    }
    await over;
    for (let left = pushed.size; left > 0 && client.connected && (await depth()) > 0; left--) {
      const job = await client.fetch([queue]);
      if (job === null) break;
      // By PUSHB: the `retry` of a PUSH becomes real Faktory's default for all later jobs that have none.
      if (!pushed.has(job.jid) && job.jid in (await client.pushBulk([job]))) break;
      await client.ack(job.jid);
    }
  } catch {
    // The server is away: the worker has nothing to wait for either.
  }
  return ended;
}

/** Not tried again, by whoever takes it. */
function wakeJob(queue: string) {
  return { jid: `wake-${randomUUID()}`, jobtype: 'noop', queue, args: [], retry: 0, reserve_for: 60 };
}

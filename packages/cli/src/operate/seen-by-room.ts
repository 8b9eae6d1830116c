// Whether the control room knows of this host's worker by now: the next command uses the workers that it knows, and would start one
// of its own beside a worker that came up a moment ago.

import { setTimeout as delay } from 'node:timers/promises';
import { type Room, RoomClient, type WorkerView } from '@jobstorm/dashboard';

const patienceMs = 5000;
const betweenMs = 50;

/** Settles once a worker that `isIt` works and is known to `room`, or after 5 s. Rejects when the room can't be asked. */
export async function untilWorkerSeen(
  room: Pick<Room, 'workers'>,
  isIt: (worker: WorkerView) => boolean,
): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    const workers = await room.workers();
    if (workers.some((each) => isIt(each) && each.state.connected && each.state.state === 'running')) return;
    await delay(betweenMs);
  }
}

/**
 * Resolves once a worker of `host` reports to the control room at `origin`, or after 5 s: the worker does its work without a
 * room, too. Never rejects: a room that is not there, or takes another token, is told of elsewhere.
 */
export async function untilSeenByRoom(origin: string, bearer: string | null, host: string): Promise<void> {
  try {
    const room = await RoomClient.connect({ url: origin, token: bearer });
    try {
      await untilWorkerSeen(room, ({ hello }) => hello.host === host);
    } finally {
      await room.close();
    }
  } catch {
    // See above.
  }
}

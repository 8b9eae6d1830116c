// Whether the control room knows of this host's worker by now: the next command uses the workers that it knows, and would start one
// of its own beside a worker that came up a moment ago.

import { setTimeout as delay } from 'node:timers/promises';
import { RoomClient } from '@jobstorm/dashboard';

const patienceMs = 5000;
const betweenMs = 50;

/**
 * Resolves once a worker of `host` reports to the control room at `origin`, or after 5 s: the worker does its work without a
 * room, too. Never rejects: a room that is not there, or takes another token, is told of elsewhere.
 */
export async function untilSeenByRoom(origin: string, bearer: string | null, host: string): Promise<void> {
  const endMs = performance.now() + patienceMs;
  try {
    const room = await RoomClient.connect({ url: origin, token: bearer });
    try {
      while (performance.now() < endMs) {
        const workers = await room.workers();
        if (workers.some((each) => each.hello.host === host && each.state.connected && each.state.state === 'running'))
          return;
        await delay(betweenMs);
      }
    } finally {
      await room.close();
    }
  } catch {
    // See above.
  }
}

// Jobs offered at a steady rate, whatever becomes of them: an open load. What is due is pushed together every few milliseconds, and
// a push does not wait for the answer to the one before.

import type { RawConnection } from '@jobstorm/testkit';
import { expectAllTaken, pushLine, type ShapeOf } from './backlog.ts';

const everyMs = 10;

export interface Offer {
  /** Jobs pushed so far. */
  readonly pushed: number;
  /** Stops, and resolves when every push was answered. */
  stop(): Promise<void>;
}

/** Begins to offer `perS` jobs a second. */
export function offer(connection: RawConnection, shape: ShapeOf, perS: number): Offer {
  const beganMs = performance.now();
  let pushed = 0;
  let unanswered: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - beganMs) * perS) / 1000);
    if (due === pushed) return;
    connection.send(pushLine(shape, pushed, due));
    pushed = due;
    const answer = connection.reply();
    unanswered = unanswered.then(async () => expectAllTaken(await answer));
    unanswered.catch(() => {});
  }, everyMs);
  return {
    get pushed() {
      return pushed;
    },
    async stop() {
      clearInterval(timer);
      await unanswered;
    },
  };
}

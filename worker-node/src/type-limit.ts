// The rate limit of one job type, and the jobs of it that have come and wait for their turn.
// Invariant: jobs wait in the order in which they came, and none past half of its reservation: then it is due, limit or not.

import type { Run } from './run.ts';
import { TokenBucket } from './token-bucket.ts';

/** Jobs of one type that may wait. */
const mostHeld = 64;
/** As many as come through in this time are enough to keep it going, so that little is reserved and not worked on. */
const heldForS = 5;

export class TypeLimit {
  readonly jobtype: string;
  readonly bucket: TokenBucket;
  readonly maxHeld: number;
  readonly #held: Run[] = [];

  constructor(jobtype: string, perS: number, nowMs: number) {
    this.jobtype = jobtype;
    this.bucket = new TokenBucket(perS, nowMs);
    this.maxHeld = Math.max(1, Math.min(mostHeld, Math.ceil(perS * heldForS)));
  }

  get held(): number {
    return this.#held.length;
  }

  runs(): readonly Run[] {
    return this.#held;
  }

  hold(run: Run): void {
    this.#held.push(run);
  }

  /** The next run whose turn it is; null: nobody's. */
  next(nowMs: number): Run | null {
    const [first] = this.#held;
    if (first === undefined) return null;
    if (isDue(first, nowMs)) this.bucket.force(nowMs);
    else if (!this.bucket.take(nowMs)) return null;
    this.#held.shift();
    return first;
  }

  /** Until `next` is worth asking again, in milliseconds; infinite: nothing waits. */
  waitMs(nowMs: number): number {
    const [first] = this.#held;
    if (first === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.min(this.bucket.waitMs(nowMs), dueMs(first) - nowMs));
  }

  /** All that waits, no more of it waiting here. */
  takeAll(): Run[] {
    return this.#held.splice(0);
  }
}

// The server's own: what a job that says nothing gets, and the least.
const usualReservationS = 1800;
const leastReservationS = 60;

/** When a run that waits has to start for its ACK to come before the reservation ends, as `performance.now()`. */
export function dueMs(run: Run): number {
  const { reserve_for } = run.job;
  const reservedS = reserve_for ? Math.max(leastReservationS, reserve_for) : usualReservationS;
  return run.fetchedMs + reservedS * 500;
}

export function isDue(run: Run, nowMs: number): boolean {
  return nowMs >= dueMs(run);
}

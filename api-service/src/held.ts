// What this service holds on behalf of callers: jobs taken in and not yet answered, and the bytes that they occupy.
// Invariant: neither count passes its limit, and both are 0 when nobody waits for an answer.

import { maxHeldBytes, maxHeldJobs } from './limits.ts';
import { tooBusy } from './request-error.ts';

export class Held {
  readonly #maxJobs: number;
  readonly #maxBytes: number;
  #jobs = 0;
  #bytes = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(maxJobs: number = maxHeldJobs, maxBytes: number = maxHeldBytes) {
    this.#maxJobs = maxJobs;
    this.#maxBytes = maxBytes;
  }

  get jobs(): number {
    return this.#jobs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws RequestError EBUSY (503) when that would be too much; nothing is taken then */
  take(jobs: number, bytes: number): void {
    // A request that is alone always fits: the limits on one body are lower than these.
    if (this.#jobs + jobs > this.#maxJobs) throw tooBusy(`${this.#jobs} unanswered jobs`);
    if (this.#bytes + bytes > this.#maxBytes) throw tooBusy(`${this.#bytes} bytes of unanswered jobs`);
    this.#jobs += jobs;
    this.#bytes += bytes;
  }

  give(jobs: number, bytes: number): void {
    this.#jobs -= jobs;
    this.#bytes -= bytes;
    if (this.#jobs === 0 && this.#idleWaiters.length > 0) {
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const waiter of waiters) waiter();
    }
  }

  /** Settles when no job is held. */
  idle(): Promise<void> {
    if (this.#jobs === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }
}

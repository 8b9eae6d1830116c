// Single jobs: each waits in the batcher for company, and its caller hears what the job server said about it.
// Invariant: `settle` is called exactly once for every job taken, also when the service closes.

import { Batcher, type BatcherEdge, type BatchSettings } from './batcher.ts';
import type { Held } from './held.ts';
import type { Meter } from './meter.ts';
import type { Pusher, Refusals } from './pusher.ts';
import { type RequestError, refusedByServer, serverAway } from './request-error.ts';

/** null: the job server holds the job. */
export type Settle = (error: RequestError | null) => void;

interface Single {
  jid: string;
  text: string;
  takenMs: number;
  settle: Settle;
}

export interface SinglesOptions {
  batch: BatchSettings;
  pusher: Pusher;
  meter: Meter;
  held: Held;
}

/** The batcher's world outside of tests. */
const realTime: Omit<BatcherEdge<unknown>, 'send'> = {
  nowMs: () => performance.now(),
  startTimer: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  endOfTick: (run) => void setImmediate(run),
};

export class Singles {
  readonly #pusher: Pusher;
  readonly #meter: Meter;
  readonly #held: Held;
  readonly #batcher: Batcher<Single>;

  constructor({ batch, pusher, meter, held }: SinglesOptions) {
    this.#pusher = pusher;
    this.#meter = meter;
    this.#held = held;
    this.#batcher = new Batcher<Single>(batch, { ...realTime, send: (jobs) => void this.#send(jobs) });
  }

  /** When it was taken in, as `performance.now()`. @throws RequestError (503) when the job server is away or too much is held; `settle` is not called then */
  take(jid: string, text: string, settle: Settle): number {
    if (!this.#pusher.connected) throw serverAway();
    this.#held.take(1, text.length);
    const takenMs = performance.now();
    this.#batcher.add({ jid, text, takenMs, settle });
    return takenMs;
  }

  /** Sends what waits; jobs that still come leave at the end of their tick. */
  drain(): void {
    this.#batcher.drain();
  }

  /** The batch settings have changed. */
  reconsider(): void {
    this.#batcher.reconsider();
  }

  async #send(jobs: Single[]): Promise<void> {
    const nowMs = performance.now();
    const jids = new Array<string>(jobs.length);
    const texts = new Array<string>(jobs.length);
    let bytes = 0;
    for (let i = 0; i < jobs.length; i++) {
      const { jid, text, takenMs } = jobs[i]!;
      jids[i] = jid;
      texts[i] = text;
      bytes += text.length;
      this.#meter.waited((nowMs - takenMs) * 1000);
    }
    let refusals: Refusals | null = null;
    let failure: RequestError | null = null;
    try {
      refusals = await this.#pusher.push(jids, texts);
    } catch (error) {
      failure = error as RequestError;
    }
    // The next batch leaves before this one's callers are answered: the job server works while we write to them.
    this.#batcher.settled();
    for (const job of jobs) this.#settle(job, refusals, failure);
    this.#held.give(jobs.length, bytes);
  }

  #settle({ jid, settle }: Single, refusals: Refusals | null, failure: RequestError | null): void {
    const reason = refusals !== null && Object.hasOwn(refusals, jid) ? refusals[jid]! : null;
    const error = reason === null ? failure : refusedByServer(reason);
    if (error === null) this.#meter.accepted++;
    else this.#meter.refused++;
    settle(error);
  }
}

// What holds a closed run back: `limit` is how many jobs may have been sent by now. Two of them, both told from outside how things are:
//
//   BacklogGate   for a while, so many that a number of jobs keeps waiting in the queue
//   TideGate      in parts: the next one when every job of the one before has ended
//
// Invariant: `limit` never falls, so that nothing that was sent is beyond it.

export interface Gate {
  /** Jobs that may have been sent by now. */
  limit(nowMs: number): number;
  /** Nothing more will be let through. */
  over(nowMs: number): boolean;
}

export const openGate: Gate = { limit: () => Number.POSITIVE_INFINITY, over: () => false };

export class BacklogGate implements Gate {
  readonly #target: number;
  #durationMs: number;
  #startMs: number | null = null;
  #limit: number;

  constructor(o: { jobs: number; durationMs: number }) {
    this.#target = o.jobs;
    this.#durationMs = o.durationMs;
    this.#limit = o.jobs;
  }

  limit(nowMs: number): number {
    this.#startMs ??= nowMs;
    return this.#limit;
  }

  over(nowMs: number): boolean {
    return this.#startMs !== null && nowMs - this.#startMs >= this.#durationMs;
  }

  /** Its time is over now. */
  end(): void {
    this.#durationMs = 0;
  }

  /** So many jobs were in the queue when so many had been accepted; those under way will come on top. */
  observe(depth: number, accepted: number): void {
    this.#limit = Math.max(this.#limit, accepted + this.#target - depth);
  }
}

/** One part of a run in tides, over when `drainedUs` is known. Epoch microseconds. */
export interface Tide {
  jobs: number;
  firstSendUs: number;
  /** Its last job was accepted. */
  builtUs: number;
  /** Jobs that waited in the queue then; null: not known. */
  depth: number | null;
  /** Its last job was acknowledged. */
  drainedUs: number | null;
}

export class TideGate implements Gate {
  readonly tides: Tide[] = [];
  readonly #jobs: number;
  readonly #count: number;

  constructor(o: { jobs: number; tides: number }) {
    this.#jobs = o.jobs;
    this.#count = o.tides;
  }

  /** Jobs of the first `tides` parts. */
  #through(tides: number): number {
    return Math.round((this.#jobs * Math.min(tides, this.#count)) / this.#count);
  }

  limit(): number {
    const drained = this.tides.filter(({ drainedUs }) => drainedUs !== null).length;
    return this.#through(drained + 1);
  }

  over(): boolean {
    return false;
  }

  /** Everything that was let through was answered for: `firstSendUs` to `builtUs`. True when that was a tide that is new. */
  built(o: { submitted: number; firstSendUs: number; builtUs: number }): boolean {
    const at = this.tides.length;
    if (at >= this.#count || o.submitted < this.#through(at + 1)) return false;
    const jobs = this.#through(at + 1) - this.#through(at);
    this.tides.push({ jobs, firstSendUs: o.firstSendUs, builtUs: o.builtUs, depth: null, drainedUs: null });
    return true;
  }

  /** Every job that was accepted has ended, the last one then. True when that was the end of a tide. */
  drained(atUs: number): boolean {
    const tide = this.tides.at(-1);
    if (!tide || tide.drainedUs !== null) return false;
    tide.drainedUs = atUs;
    return true;
  }
}

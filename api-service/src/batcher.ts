// Joins single jobs into batches. A batch leaves
//   - when it is full,
//   - when its oldest job has waited the delay,
//   - adaptive: at the end of the tick when no batch sent earlier is unanswered, so that the delay is an upper bound and no
//     tax on those who wait for their answer before they send more.
//
//   add ─▶ waiting (< maxSize) ──full │ delay │ nothing in flight──▶ edge.send ─▶ in flight ──settled()──▶ gone
//
// Invariants: jobs leave in the order in which they came, each once; between calls fewer than maxSize wait; while any waits,
// something is armed that will send it: the end of the tick, the timer, or the `settled` of a batch in flight.
// Clock, timer and sending are passed in. One timer runs at a time and is armed again for what is left, since arming and
// stopping one for every batch costs more than a needless wake-up.

export interface BatchSettings {
  /** Jobs in a batch, at least 1. */
  maxSize: number;
  /** The longest that a job waits for others, in ms. */
  maxDelayMs: number;
  /** false: every job is a batch of its own. */
  auto: boolean;
  /** Send at once when nothing is in flight. */
  adaptive: boolean;
}

/** What a batcher needs of the world. */
export interface BatcherEdge<T> {
  nowMs(): number;
  /** Calls `run` once, later; the result stops it. */
  startTimer(delayMs: number, run: () => void): () => void;
  /** Calls `run` once the events at hand have been dealt with. */
  endOfTick(run: () => void): void;
  /** Takes a batch over. `settled()` is called once for each, when it is answered or has failed. */
  send(batch: T[]): void;
}

export class Batcher<T> {
  /** Its owner may change them, and calls `reconsider` then. */
  readonly #settings: Readonly<BatchSettings>;
  readonly #edge: BatcherEdge<T>;
  #waiting: T[] = [];
  /** When the oldest waiting job came. */
  #sinceMs = 0;
  #inFlight = 0;
  #endOfTickArmed = false;
  #stopTimer: (() => void) | null = null;
  #draining = false;

  constructor(settings: BatchSettings, edge: BatcherEdge<T>) {
    this.#settings = settings;
    this.#edge = edge;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  add(item: T): void {
    const { auto, maxSize } = this.#settings;
    this.#waiting.push(item);
    if (!auto || this.#waiting.length >= maxSize) {
      this.#send();
      return;
    }
    if (this.#waiting.length === 1) this.#sinceMs = this.#edge.nowMs();
    if (this.#mayLeaveEarly()) this.#armEndOfTick();
    else if (this.#stopTimer === null) this.#armTimer(this.#leftMs());
  }

  /** The settings have changed: what waits leaves when it would have under the new ones, or now. */
  reconsider(): void {
    if (this.#waiting.length === 0) return;
    this.#stopTimer?.();
    this.#stopTimer = null;
    const { auto, maxSize } = this.#settings;
    if (!auto || this.#waiting.length >= maxSize || this.#leftMs() <= 0 || this.#mayLeaveEarly()) this.#send();
    else this.#armTimer(this.#leftMs());
  }

  /** A batch sent earlier was answered or has failed. */
  settled(): void {
    this.#inFlight--;
    if (this.#waiting.length > 0 && this.#mayLeaveEarly()) this.#send();
  }

  /** Sends what waits, and from now on lets nothing wait longer than to the end of its tick. */
  drain(): void {
    this.#draining = true;
    this.#stopTimer?.();
    this.#stopTimer = null;
    if (this.#waiting.length > 0) this.#send();
  }

  #mayLeaveEarly(): boolean {
    const { adaptive, maxDelayMs } = this.#settings;
    return this.#draining || maxDelayMs === 0 || (adaptive && this.#inFlight === 0);
  }

  /** How much longer the oldest waiting job may wait. */
  #leftMs(): number {
    return this.#sinceMs + this.#settings.maxDelayMs - this.#edge.nowMs();
  }

  #armEndOfTick(): void {
    if (this.#endOfTickArmed) return;
    this.#endOfTickArmed = true;
    this.#edge.endOfTick(() => {
      this.#endOfTickArmed = false;
      if (this.#waiting.length === 0) return;
      // A batch that filled up meanwhile may be in flight now: the rest waits for it, or for the delay.
      if (this.#mayLeaveEarly()) this.#send();
      else if (this.#stopTimer === null) this.#armTimer(this.#leftMs());
    });
  }

  #armTimer(delayMs: number): void {
    this.#stopTimer = this.#edge.startTimer(delayMs, () => {
      this.#stopTimer = null;
      if (this.#waiting.length === 0) return;
      const leftMs = this.#leftMs();
      if (leftMs <= 0) this.#send();
      else this.#armTimer(leftMs);
    });
  }

  #send(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#inFlight++;
    this.#edge.send(batch);
  }
}

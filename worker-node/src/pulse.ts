// Gathers reads. A server that sends a segment per reply wakes us up once per reply, which costs more than the reply itself.
// While replies come that way, reading stops for a few milliseconds at a time, and one wake-up takes what has gathered.
//
//   steady ──(many wake-ups with few replies each, most slots waiting for jobs)──▶ pulsing ──(few replies in a pulse)──▶ steady
//   pulsing:  resume all ─▶ one poll reads all ─▶ pause all ─▶ gatherMs ─▶ resume all …
//
// Invariant: reading is never paused while steady, while slots are mostly busy, or after `stop`. Each pause ends in an `onResume`.

import type { Connection } from '@jobstorm/protocol';

/** How long a pause is, in milliseconds. A job's completion never waits longer than that for company. */
export const gatherMs = 4;
/** How long replies are counted before a decision, in milliseconds. */
const windowMs = 20;
/** Fewer replies a wake-up than this are worth gathering. */
const fewReplies = 3;
/** Rarer wake-ups than this, per window, cost little. */
const rareWakeUps = 12;
/** A pulse with fewer replies than this ends the pulsing. */
const minReplies = 4;

export interface PulseOptions {
  connections: () => readonly Connection[];
  /** Reads and replies so far, in this process. */
  counts: () => { reads: number; replies: number };
  /** Gathering would cost nothing: slots wait for jobs, not jobs for slots. */
  worthwhile: () => boolean;
  onPause: () => void;
  onResume: () => void;
}

export class Pulse {
  readonly #options: PulseOptions;
  #windowAtMs = 0;
  #reads = 0;
  #replies = 0;
  #timer: NodeJS.Timeout | null = null;
  #pulsing = false;
  #paused: readonly Connection[] = [];
  #stopped = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  get pulsing(): boolean {
    return this.#pulsing;
  }

  /** To be called once a turn in which replies came. True: reads are being gathered. */
  turn(nowMs: number): boolean {
    if (!this.#pulsing && !this.#stopped && nowMs - this.#windowAtMs >= windowMs) this.#decide(nowMs);
    return this.#pulsing;
  }

  #decide(nowMs: number): void {
    const { reads, replies } = this.#options.counts();
    const wakeUps = reads - this.#reads;
    const perWakeUp = (replies - this.#replies) / wakeUps;
    // A window that lasted much longer was idle in between.
    const recent = nowMs - this.#windowAtMs < 2 * windowMs;
    this.#windowAtMs = nowMs;
    this.#reads = reads;
    this.#replies = replies;
    if (recent && wakeUps > rareWakeUps && perWakeUp < fewReplies && this.#options.worthwhile()) {
      this.#pulsing = true;
      this.#pause();
    }
  }

  /** Reads on without pauses, for good. */
  stop(): void {
    this.#stopped = true;
    this.#end();
  }

  #pause(): void {
    this.#replies = this.#options.counts().replies;
    this.#paused = this.#options.connections();
    for (const connection of this.#paused) connection.pauseReading();
    this.#options.onPause();
    this.#timer = setTimeout(() => this.#resume(), gatherMs);
  }

  #resume(): void {
    this.#timer = null;
    for (const connection of this.#paused) connection.resumeReading();
    this.#options.onResume();
    // The poll that reads what has gathered comes between this timer and the immediate.
    setImmediate(() => this.#judge());
  }

  #judge(): void {
    if (!this.#pulsing) return;
    const gathered = this.#options.counts().replies - this.#replies;
    if (gathered >= minReplies && this.#options.worthwhile()) this.#pause();
    else this.#end();
  }

  #end(): void {
    this.#pulsing = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const connection of this.#paused) connection.resumeReading();
    this.#paused = [];
    this.#options.onResume();
  }
}

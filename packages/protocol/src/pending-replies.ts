// The commands of one connection that wait for their replies: first sent, first answered.
// A ring of sinks beside a ring of deadlines; it grows and never shrinks, so the hot path allocates nothing.

import type { ReplySink } from './reply.ts';

export class PendingReplies {
  /** Capacity is a power of two, so that an index wraps by a mask. */
  #sinks: (ReplySink | null)[] = new Array(64).fill(null);
  #expiresAtMs = new Float64Array(64);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(sink: ReplySink, expiresAtMs: number): void {
    if (this.#length === this.#sinks.length) this.#grow();
    const at = (this.#head + this.#length) & (this.#sinks.length - 1);
    this.#sinks[at] = sink;
    this.#expiresAtMs[at] = expiresAtMs;
    this.#length++;
  }

  /** The sink that waits longest; null when none does. */
  shift(): ReplySink | null {
    if (this.#length === 0) return null;
    const sink = this.#sinks[this.#head]!;
    this.#sinks[this.#head] = null;
    this.#head = (this.#head + 1) & (this.#sinks.length - 1);
    this.#length--;
    return sink;
  }

  /** True when one of them should have been answered by now. */
  anyExpired(nowMs: number): boolean {
    const mask = this.#sinks.length - 1;
    for (let i = 0; i < this.#length; i++) {
      if (this.#expiresAtMs[(this.#head + i) & mask]! <= nowMs) return true;
    }
    return false;
  }

  #grow(): void {
    const capacity = this.#sinks.length;
    const mask = capacity - 1;
    const sinks: (ReplySink | null)[] = new Array(capacity * 2).fill(null);
    const expiresAtMs = new Float64Array(capacity * 2);
    for (let i = 0; i < this.#length; i++) {
      sinks[i] = this.#sinks[(this.#head + i) & mask]!;
      expiresAtMs[i] = this.#expiresAtMs[(this.#head + i) & mask]!;
    }
    this.#sinks = sinks;
    this.#expiresAtMs = expiresAtMs;
    this.#head = 0;
  }
}

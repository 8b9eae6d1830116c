// One direction of a proxied connection: bytes go on after a delay, whole or in slices, in the order in which they came.
//
//   write() ─▶ [due at, chunk] [due at, chunk] … ──one timer for the first──▶ all that is due, one write ─▶ sink
//
// Invariant: one timer at most, none while nothing waits and none after `close`. With neither delay nor slices nothing waits.

import type { Socket } from 'node:net';

export class FaultPipe {
  readonly #sink: Socket;
  #chunks: Buffer[] = [];
  #dueMs: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #slicing = false;
  #ended = false;

  constructor(sink: Socket) {
    this.#sink = sink;
  }

  /** Passes it on `delayMs` from now, or after what came before; at most `sliceBytes` of it a turn, 0: all at once. */
  write(chunk: Buffer, delayMs: number, sliceBytes: number): void {
    if (delayMs === 0 && sliceBytes === 0 && this.#chunks.length === 0 && !this.#slicing) {
      if (this.#sink.writable) this.#sink.write(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#dueMs.push(performance.now() + delayMs);
    this.#go(sliceBytes);
  }

  /** Ends the sink once all is passed on. */
  end(): void {
    this.#ended = true;
    this.#endWhenDone();
  }

  /** Forgets what waits. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#chunks = [];
    this.#dueMs = [];
  }

  #go(sliceBytes: number): void {
    if (this.#slicing || this.#chunks.length === 0) return;
    const nowMs = performance.now();
    const waitMs = this.#dueMs[0]! - nowMs;
    if (waitMs > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.#go(sliceBytes);
      }, waitMs);
      return;
    }
    let due = 1;
    while (due < this.#chunks.length && this.#dueMs[due]! <= nowMs) due++;
    this.#dueMs.splice(0, due);
    const chunks = this.#chunks.splice(0, due);
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    if (sliceBytes > 0) void this.#slice(bytes, sliceBytes);
    else if (this.#sink.writable) this.#sink.write(bytes);
    if (!this.#slicing) this.#go(sliceBytes);
    this.#endWhenDone();
  }

  async #slice(bytes: Buffer, sliceBytes: number): Promise<void> {
    this.#slicing = true;
    for (let at = 0; at < bytes.length && this.#sink.writable; at += sliceBytes) {
      this.#sink.write(bytes.subarray(at, at + sliceBytes));
      await new Promise((next) => setImmediate(next));
    }
    this.#slicing = false;
    this.#go(sliceBytes);
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.#ended && this.#chunks.length === 0 && !this.#slicing) this.#sink.end();
  }
}

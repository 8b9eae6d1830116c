// Tells of the end of work at once rather than with the next snapshot, without telling of each moment in which there was none: at a
// steady rate a worker runs out of jobs dozens of times a second.
//
//   idle ─▶ (quietMs) ─▶ no idle moment since: it rests ─▶ send, `apartMs` after the last one at the earliest
//                    └─▶ there was one, so jobs came: wait again
//
// Invariant: after the last job it sends once, 2 x quietMs + apartMs later at most. One timer at most, which keeps no process alive.

/** Without work for so long, in milliseconds, it is at rest. */
export const quietMs = 10;
/** Sent no closer to each other, in milliseconds: short jobs far from each other leave a rest behind each. */
export const apartMs = 200;

export class RestReport {
  readonly #send: () => void;
  #idleMoments = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(send: () => void) {
    this.#send = send;
  }

  /** Nothing runs and nothing waits for an answer. */
  idle(): void {
    this.#idleMoments++;
    this.#timer ??= this.#wait(quietMs);
  }

  #wait(ms: number): NodeJS.Timeout {
    const seen = this.#idleMoments;
    return setTimeout(() => this.#look(seen), ms).unref();
  }

  #look(seen: number): void {
    const leftMs = this.#sentAtMs + apartMs - performance.now();
    if (this.#idleMoments !== seen) this.#timer = this.#wait(quietMs);
    else if (leftMs > 0) this.#timer = this.#wait(leftMs);
    else {
      this.#timer = null;
      this.#sentAtMs = performance.now();
      this.#send();
    }
  }
}

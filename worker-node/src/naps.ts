// What the built-in `sleep` waits for: promises shared by all that begin to nap in the same moment, and one timer for each length, since naps of one length
// end in the order in which they began. A promise and a timer for each of thousands of slots would cost more than the job.
//
//   begun within half a millisecond ─▶ one nap ─▶ [line of its length] ──its time is over──▶ its promise resolves
//
// Invariant: nobody's nap ends before its time is over, nor longer than that moment after it; a line has a timer, and goes when it is empty.

/** Naps that begin within this end together, with the last of them. */
const momentMs = 0.5;
/** As far as a timer reaches; what is longer, or no number, is 1 ms, as with setTimeout. */
const longestMs = 2 ** 31 - 1;

class Nap {
  readonly over: Promise<void>;
  readonly beganMs: number;
  endsAtMs: number;
  /** The one that ends next; null once it is over, so that what is over keeps nothing alive. */
  next: Nap | null = null;
  resolve!: () => void;

  constructor(beganMs: number, endsAtMs: number) {
    this.beganMs = beganMs;
    this.endsAtMs = endsAtMs;
    this.over = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}

interface Line {
  first: Nap;
  last: Nap;
}

export class Naps {
  readonly #lines = new Map<number, Line>();

  /** Resolves after `ms` milliseconds. */
  nap(ms: number): Promise<void> {
    const wholeMs = ms >= 1 && ms <= longestMs ? Math.trunc(ms) : 1;
    const nowMs = performance.now();
    const line = this.#lines.get(wholeMs);
    if (line !== undefined && nowMs - line.last.beganMs < momentMs) {
      line.last.endsAtMs = nowMs + wholeMs;
      return line.last.over;
    }
    const nap = new Nap(nowMs, nowMs + wholeMs);
    if (line === undefined) {
      this.#lines.set(wholeMs, { first: nap, last: nap });
      this.#arm(wholeMs, wholeMs);
    } else {
      line.last.next = nap;
      line.last = nap;
    }
    return nap.over;
  }

  #arm(wholeMs: number, waitMs: number): void {
    setTimeout(() => this.#wake(wholeMs), waitMs);
  }

  #wake(wholeMs: number): void {
    const line = this.#lines.get(wholeMs)!;
    const nowMs = performance.now();
    let nap: Nap | null = line.first;
    // Timers go by whole milliseconds, so the first one may be a little short of its time.
    while (nap !== null && nap.endsAtMs <= nowMs) {
      const { next }: Nap = nap;
      nap.next = null;
      nap.resolve();
      nap = next;
    }
    if (nap === null) this.#lines.delete(wholeMs);
    else {
      line.first = nap;
      this.#arm(wholeMs, Math.ceil(nap.endsAtMs - nowMs));
    }
  }
}

// How many FETCHes one lane may have unanswered. Pure: it is told what came and when.
//
//        a whole window of jobs came fast for its size, or, up to 8, in one read
//   1 ─────────────────────────────────────────────────────────────────▶ 2 ▶ 4 ▶ 8 ▶ … ▶ max
//   ▲ ◀────────────────────── halved: it came slowly ──────────────────────┘         │
//   └────────────────────────── a FETCH came back empty ─────────────────────────────┘
//
// Past a small window it takes a fast server to go deeper. On a queue that has run empty each unanswered FETCH blocks for 2
// seconds, one after the other, and a worker that stops has to wait for them all; a server that answers thousands a second on
// one connection is worth that risk, and a slow one gains nothing by it.

/** A single FETCH that was answered within this did not wait for a job, even on a busy machine. */
const unblockedMs = 50;
/** Up to this size a window may take `patientMs`. */
const smallWindow = 4;
const patientMs = 8;
/**
 * As far as whole windows in one read let it grow. On a starved machine we read late, and find whole windows of a slow server too:
 * 8 FETCHes on an empty queue are 16 s of a worker's stop, within what it is given.
 */
const wholeReadWindow = 8;
/** What deeper windows may take, for each job. */
const perJobMs = 0.5;

export class FetchWindow {
  #max: number;
  #size = 1;
  /** Jobs since `#sinceMs`; with a window's worth of them the size is judged. */
  #jobs = 0;
  #sinceMs = 0;
  /** The read that the last job came in, and how many came in it. */
  #read = -1;
  #jobsInRead = 0;
  #wholeInOneRead = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** From the next time that it grows on. */
  set max(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  /** The first FETCH goes out on a lane that had none unanswered. */
  begin(nowMs: number): void {
    this.#jobs = 0;
    this.#sinceMs = nowMs;
    this.#wholeInOneRead = false;
  }

  /** A job came; `read` tells one read from the socket from the next. */
  job(read: number): void {
    this.#jobs++;
    if (read !== this.#read) {
      this.#read = read;
      this.#jobsInRead = 0;
    }
    // One job always comes whole: that says nothing of how fast the next would.
    if (++this.#jobsInRead >= this.#size && this.#size > 1) this.#wholeInOneRead = true;
  }

  /** A FETCH came back without a job. */
  empty(nowMs: number): void {
    this.#size = 1;
    this.begin(nowMs);
  }

  /**
   * Judges the size once a window's worth of jobs has come. `roundTripMs` is what the network alone takes; `gathering`: reads
   * wait for each other, so that a whole window in one read says nothing about the server.
   */
  judge(nowMs: number, roundTripMs: number, gathering: boolean): void {
    if (this.#jobs < this.#size) return;
    const tookMs = nowMs - this.#sinceMs;
    const patience = this.#size === 1 ? unblockedMs : patientMs;
    const quickMs = roundTripMs + (this.#size < smallWindow ? patience : this.#size * perJobMs);
    const small = this.#size <= smallWindow;
    const slowMs = small ? 4 * (roundTripMs + patientMs) : 2 * (roundTripMs + this.#size * perJobMs);
    const whole = this.#wholeInOneRead && !gathering;
    if (tookMs < quickMs || (whole && this.#size < wholeReadWindow)) this.#size = Math.min(this.#size * 2, this.#max);
    else if (tookMs > slowMs && !whole) this.#size = Math.max(1, this.#size >> 1);
    this.begin(nowMs);
  }
}

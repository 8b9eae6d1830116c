// How many FETCHes one lane may have unanswered. Pure: it is told what came and when.
//
//        a whole window of jobs came fast for its size; up to 8, within moments or in one read is fast
//   1 ─────────────────────────────────────────────────────────────────▶ 2 ▶ 4 ▶ 8 ▶ … ▶ max
//   ▲ ◀────────────────────── halved: it came slowly ──────────────────────┘         │
//   └────────────────────────── a FETCH came back empty ─────────────────────────────┘
//
// A small window is what it takes to keep any server busy while reads are gathered: with half as many FETCHes out it ran dry in each
// pause. Past it, it takes a fast server to go deeper. On a queue that has run empty each unanswered FETCH blocks for 2 seconds,
// one after the other, and a worker that stops has to wait for them all, 16 s for 8; a server that answers thousands a second on
// one connection is worth more, and a slow one gains nothing by it.

import { gatherMs } from './pulse.ts';

/** A single FETCH that was answered within this did not wait for a job, even on a busy machine. */
const unblockedMs = 50;
/**
 * As far as a window grows while it takes no more than `patientMs`, or comes in one read: on a starved machine the answers of a
 * fast server come late too, but together. 16 s are within what a worker that stops is given.
 */
const smallWindow = 8;
const patientMs = 8;
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
    if (this.#isFast(tookMs, roundTripMs, gathering)) this.#size = Math.min(this.#size * 2, this.#max);
    else if (this.#isSlow(tookMs, roundTripMs, gathering)) this.#size = Math.max(1, this.#size >> 1);
    this.begin(nowMs);
  }

  #isFast(tookMs: number, roundTripMs: number, gathering: boolean): boolean {
    if (this.#size >= smallWindow) return tookMs < roundTripMs + this.#size * perJobMs;
    const patience = this.#size === 1 ? unblockedMs : patientMs;
    return this.#isWhole(gathering) || tookMs < roundTripMs + patience + (gathering ? gatherMs : 0);
  }

  #isSlow(tookMs: number, roundTripMs: number, gathering: boolean): boolean {
    if (this.#size <= smallWindow) return tookMs > 4 * (roundTripMs + patientMs) && !this.#isWhole(gathering);
    return tookMs > 2 * (roundTripMs + this.#size * perJobMs) && !this.#isWhole(gathering);
  }

  /** It came in one read, and not because reads wait for each other. */
  #isWhole(gathering: boolean): boolean {
    return this.#wholeInOneRead && !gathering;
  }
}

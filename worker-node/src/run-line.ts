// Runs that wait, the first that came first out. Taking one costs the same however many wait: 100,000 may.
// Invariant: `length` is what was pushed and not taken.

import type { Run } from './run.ts';

/** Places that were left at the front are given back when they are this many, and half of all. */
const mostLeft = 1024;

export class RunLine {
  #runs: Run[] = [];
  #left = 0;

  get length(): number {
    return this.#runs.length - this.#left;
  }

  get first(): Run | undefined {
    return this.#runs[this.#left];
  }

  push(run: Run): void {
    this.#runs.push(run);
  }

  shift(): Run | undefined {
    const first = this.#runs[this.#left];
    if (first === undefined) return undefined;
    this.#left++;
    if (this.#left >= mostLeft && this.#left * 2 >= this.#runs.length) {
      this.#runs = this.#runs.slice(this.#left);
      this.#left = 0;
    }
    return first;
  }

  runs(): Run[] {
    return this.#runs.slice(this.#left);
  }

  /** All of them, none of which waits here any more. */
  takeAll(): Run[] {
    const all = this.runs();
    this.#runs = [];
    this.#left = 0;
    return all;
  }
}

// In which order a FETCH names its queues. The server takes from the leftmost that has a job, so this is all there is to priority.
//
//   strict:    as given, always                      weighted:  drawn anew for each FETCH, so that a queue of weight 5 stands
//                                                               first five times as often as one of weight 1
//
// Pure: random numbers are passed in.

import type { QueueSpec } from './queue-rules.ts';

export class QueueOrder {
  readonly #queues: readonly QueueSpec[];
  readonly #random: () => number;
  readonly weighted: boolean;

  /** `random` gives numbers from 0 to below 1. */
  constructor(queues: readonly QueueSpec[], random: () => number = Math.random) {
    this.#queues = queues;
    this.#random = random;
    this.weighted = queues.length > 1 && queues.some(({ weight }) => weight !== null);
  }

  /** Indices of the queues for which `open` holds, in the order for one FETCH. */
  draw(open: (index: number) => boolean): number[] {
    const left: number[] = [];
    for (let i = 0; i < this.#queues.length; i++) if (open(i)) left.push(i);
    if (!this.weighted || left.length < 2) return left;
    const drawn: number[] = [];
    let sum = 0;
    for (const index of left) sum += this.#weightOf(index);
    while (left.length > 1) {
      let ticket = this.#random() * sum;
      let at = 0;
      while (at < left.length - 1 && ticket >= this.#weightOf(left[at]!)) ticket -= this.#weightOf(left[at++]!);
      sum -= this.#weightOf(left[at]!);
      drawn.push(...left.splice(at, 1));
    }
    return [...drawn, ...left];
  }

  #weightOf(index: number): number {
    return this.#queues[index]!.weight ?? 1;
  }
}

// The queues that a FETCH names, in its order, and which of them may have a job. A short list is looked through; a long one
// that comes again and again keeps a mark for each queue:
//
//   names   a b c d e f …          marks   0 0 1 0 1 0 …    ◀── Arrivals: c, e got jobs
//                                              ▲ the first one that has a job indeed is the answer; an empty one loses its mark
//
// Invariant: of the queues named, each that has jobs and isn't paused is marked, or stands in the arrivals not read yet.

import type { JobQueue } from './queue.ts';
import type { Queues } from './queues.ts';

/** Up to here looking at each queue takes less than keeping marks. */
const shortList = 8;

export class QueueList {
  /** As the FETCH has it. */
  readonly text: string;
  readonly names: readonly string[];
  /** It is kept for the next FETCH that names the same queues. */
  isKept = false;
  /** It came more than once, so that marks pay off. */
  isRepeated = false;
  /** A bit for each name; null: none are kept yet. */
  #marks: Uint32Array | null = null;
  /** Where each queue stands first. */
  #ranks: ReadonlyMap<string, number> = new Map();
  #arrivalsRead = 0;

  /** @param text names with a blank between each two */
  constructor(text: string) {
    this.text = text;
    this.names = text.split(' ');
  }

  /** The first queue that has a job to give; null: none has. */
  firstReady(queues: Queues): JobQueue | null {
    const { names } = this;
    if (names.length > shortList && this.isRepeated) return this.#firstMarked(queues);
    for (let i = 0; i < names.length; i++) {
      const queue = queues.get(names[i]!);
      if (queue?.isReady) return queue;
    }
    return null;
  }

  #firstMarked(queues: Queues): JobQueue | null {
    const marks = this.#marks ?? this.#mark();
    if (this.#arrivalsRead !== queues.arrivals.count) this.#readArrivals(queues, marks);
    for (let at = 0; at < marks.length; at++) {
      for (let word = marks[at]!; word !== 0; word &= word - 1) {
        const queue = queues.get(this.names[at * 32 + 31 - Math.clz32(word & -word)]!);
        if (queue?.isReady) {
          marks[at] = word;
          return queue;
        }
      }
      marks[at] = 0;
    }
    return null;
  }

  #mark(): Uint32Array {
    const ranks = new Map<string, number>();
    for (let i = this.names.length - 1; i >= 0; i--) ranks.set(this.names[i]!, i);
    this.#ranks = ranks;
    this.#arrivalsRead = -1;
    this.#marks = new Uint32Array(Math.ceil(this.names.length / 32));
    return this.#marks;
  }

  #readArrivals({ arrivals }: Queues, marks: Uint32Array): void {
    const names = this.#arrivalsRead < 0 ? null : arrivals.since(this.#arrivalsRead);
    this.#arrivalsRead = arrivals.count;
    if (names === null) {
      marks.fill(~0);
      // What stands behind the last name has no queue.
      marks[marks.length - 1]! >>>= -this.names.length & 31;
      return;
    }
    for (const name of names) {
      const rank = this.#ranks.get(name);
      if (rank !== undefined) marks[rank >> 5]! |= 1 << (rank & 31);
    }
  }
}

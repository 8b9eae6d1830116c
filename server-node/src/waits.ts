// FETCHes that found nothing and wait. Every wait lasts equally long, so one list holds them in the order of their ends; each
// also stands in line at every queue that it named, and the longest waiting one is served first.
// Invariant: a wait is either in all of its lists or, once ended, in none.

import { LinkedList, ListNode } from './linked-list.ts';

/** How long an empty FETCH waits for a job. */
export const waitMs = 2000;

/** A place in the line of one queue. */
class Place extends ListNode {
  readonly wait: Wait;
  readonly queue: string;

  constructor(wait: Wait, queue: string) {
    super();
    this.wait = wait;
    this.queue = queue;
  }
}

/** One waiting FETCH of a fetcher `F`. */
export class Wait<F = unknown> extends ListNode {
  readonly fetcher: F;
  /** Monotonic milliseconds. */
  readonly endsAtMs: number;
  readonly places: Place[] = [];

  constructor(fetcher: F, endsAtMs: number) {
    super();
    this.fetcher = fetcher;
    this.endsAtMs = endsAtMs;
  }
}

export class Waits<F> {
  readonly #all = new LinkedList<Wait<F>>();
  readonly #byQueue = new Map<string, LinkedList<Place>>();
  #size = 0;

  /** FETCHes that wait. */
  get size(): number {
    return this.#size;
  }

  /** Waits for the first job in one of `queues`; with none of them it just lasts. */
  add(fetcher: F, queues: Iterable<string>, nowMs: number): Wait<F> {
    const wait = new Wait(fetcher, nowMs + waitMs);
    this.#all.push(wait);
    this.#size++;
    for (const queue of queues) {
      const place = new Place(wait, queue);
      wait.places.push(place);
      let line = this.#byQueue.get(queue);
      if (!line) {
        line = new LinkedList();
        this.#byQueue.set(queue, line);
      }
      line.push(place);
    }
    return wait;
  }

  /** The one that waits longest for a queue; null when none does. */
  first(queue: string): Wait<F> | null {
    return (this.#byQueue.get(queue)?.head?.wait as Wait<F> | undefined) ?? null;
  }

  /** Ends a wait, for whatever reason; ending it twice does nothing. */
  remove(wait: Wait<F>): void {
    if (!wait.list) return;
    this.#all.remove(wait);
    this.#size--;
    for (const place of wait.places) {
      const line = this.#byQueue.get(place.queue);
      line?.remove(place);
      if (line && !line.head) this.#byQueue.delete(place.queue);
    }
    wait.places.length = 0;
  }

  /** When the first wait ends, in monotonic milliseconds; null when there is none. */
  get nextEndMs(): number | null {
    return this.#all.head?.endsAtMs ?? null;
  }

  /** The first wait that is over; it stays until it is removed. */
  firstOver(nowMs: number): Wait<F> | null {
    const head = this.#all.head;
    return head && head.endsAtMs <= nowMs ? head : null;
  }
}

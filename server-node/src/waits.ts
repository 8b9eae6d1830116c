// FETCHes that found nothing and wait. Every wait lasts equally long, so one list holds them in the order of their ends. Those
// that named the same queues stand in one line; a queue knows the lines that it may serve, and of their heads the longest
// waiting one is served first.
//
//   "fast slow" ─▶ [wait 3]─[wait 7]        fast ─▶ these two lines
//   "fast"      ─▶ [wait 5]                 slow ─▶ the first one
//
// A line that ran empty stays known to its queues as long as its list is kept, for the next FETCH comes soon; a queue that meets
// it empty drops it, and the line remembers that. So a wait costs the same however many queues it names.
// Invariant: a line in which somebody waits is known to each of its queues. A wait is in all of its lists or, once ended, in none.

import { LinkedList, ListNode } from './linked-list.ts';
import type { QueueList } from './queue-list.ts';

/** How long an empty FETCH waits for a job. */
export const waitMs = 2000;

/** A place in a line. */
class Place extends ListNode {
  readonly wait: Wait;

  constructor(wait: Wait) {
    super();
    this.wait = wait;
  }
}

/** The waits for one list of queues, oldest first. */
class Line {
  readonly list: QueueList;
  readonly places = new LinkedList<Place>();
  /** Queues that do not know it now. */
  unknownTo: string[];

  constructor(list: QueueList) {
    this.list = list;
    this.unknownTo = [...new Set(list.names)];
  }
}

/** One waiting FETCH of a fetcher `F`. */
export class Wait<F = unknown> extends ListNode {
  readonly fetcher: F;
  /** Monotonic milliseconds. */
  readonly endsAtMs: number;
  /** Grows with each wait. */
  readonly order: number;
  /** Null: it waits for no queue, and just lasts. */
  readonly line: Line | null;
  readonly place = new Place(this);

  constructor(fetcher: F, endsAtMs: number, order: number, line: Line | null) {
    super();
    this.fetcher = fetcher;
    this.endsAtMs = endsAtMs;
    this.order = order;
    this.line = line;
    line?.places.push(this.place);
  }
}

export class Waits<F> {
  readonly #all = new LinkedList<Wait<F>>();
  readonly #lines = new Map<QueueList, Line>();
  readonly #byQueue = new Map<string, Set<Line>>();
  #size = 0;
  #begun = 0;

  /** FETCHes that wait. */
  get size(): number {
    return this.#size;
  }

  /** Lines that queues know of, each queue's counted. */
  get known(): number {
    let known = 0;
    for (const lines of this.#byQueue.values()) known += lines.size;
    return known;
  }

  /** Waits for the first job in one of a list's queues; with null it just lasts. */
  add(fetcher: F, list: QueueList | null, nowMs: number): Wait<F> {
    const wait = new Wait(fetcher, nowMs + waitMs, this.#begun++, list && this.#lineOf(list));
    this.#all.push(wait);
    this.#size++;
    return wait;
  }

  /** The one that waits longest for a queue; null when none does. */
  first(queue: string): Wait<F> | null {
    const lines = this.#byQueue.get(queue);
    if (!lines) return null;
    let first: Wait | null = null;
    for (const line of lines) {
      const head = line.places.head?.wait;
      if (!head) {
        lines.delete(line);
        line.unknownTo.push(queue);
      } else if (!first || head.order < first.order) {
        first = head;
      }
    }
    if (lines.size === 0) this.#byQueue.delete(queue);
    return first as Wait<F> | null;
  }

  /** Ends a wait, for whatever reason; ending it twice does nothing. */
  remove(wait: Wait<F>): void {
    if (!wait.list) return;
    this.#all.remove(wait);
    this.#size--;
    const { line } = wait;
    if (!line) return;
    line.places.remove(wait.place);
    if (!line.list.isKept) this.forget(line.list);
  }

  /** A list is kept no more: its line goes, now or with its last wait. */
  forget(list: QueueList): void {
    const line = this.#lines.get(list);
    if (!line || line.places.head) return;
    this.#lines.delete(list);
    for (const name of list.names) {
      const lines = this.#byQueue.get(name);
      if (lines?.delete(line) && lines.size === 0) this.#byQueue.delete(name);
    }
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

  #lineOf(list: QueueList): Line {
    let line = this.#lines.get(list);
    if (!line) {
      line = new Line(list);
      this.#lines.set(list, line);
    }
    for (const name of line.unknownTo) {
      const lines = this.#byQueue.get(name);
      if (lines) lines.add(line);
      else this.#byQueue.set(name, new Set([line]));
    }
    line.unknownTo = [];
    return line;
  }
}

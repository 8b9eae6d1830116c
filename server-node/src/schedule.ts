// A set of jobs ordered by a date: scheduled jobs by `at`, retries by their next try, dead jobs by the day they are dropped.
// A binary heap. Invariant: no entry is before its parent in (atMs, order of arrival), so the next one due is at the root.

import type { JobText } from './job-text.ts';

export interface DatedJob {
  /** Wall clock, milliseconds since the epoch. */
  atMs: number;
  job: JobText;
  /** Its name in the journal; 0 without one. */
  id: number;
}

interface Entry extends DatedJob {
  /** Order of arrival, for equal dates. */
  order: number;
}

const isBefore = (a: Entry, b: Entry) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

export class Schedule {
  #heap: Entry[] = [];
  #arrivals = 0;

  get size(): number {
    return this.#heap.length;
  }

  add(job: JobText, atMs: number, id = 0): void {
    const heap = this.#heap;
    const entry: Entry = { atMs, job, id, order: this.#arrivals++ };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes out the first entry if it is due; null when none is. */
  takeDue(nowMs: number): DatedJob | null {
    const first = this.#heap[0];
    if (!first || first.atMs > nowMs) return null;
    const last = this.#heap.pop()!;
    if (last !== first) this.#sink(last, 0);
    return first;
  }

  /** Takes out all entries that `matches` picks, and returns them in order of their dates. */
  takeMatching(matches: (job: JobText) => boolean): DatedJob[] {
    const taken: Entry[] = [];
    const kept: Entry[] = [];
    for (const entry of this.#heap) (matches(entry.job) ? taken : kept).push(entry);
    this.#heap = kept;
    for (let at = (kept.length >> 1) - 1; at >= 0; at--) this.#sink(kept[at]!, at);
    return taken.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  /** The ids of its jobs, in no order. */
  *ids(): Generator<number> {
    for (const { id } of this.#heap) yield id;
  }

  /** The first `count` entries in order of their dates; they stay. Looks at no more than twice as many. */
  first(count: number): DatedJob[] {
    const heap = this.#heap;
    const found: Entry[] = [];
    /** Places whose parents were found already; the next one is among them. */
    const edge = heap.length > 0 ? [0] : [];
    while (found.length < count && edge.length > 0) {
      let best = 0;
      for (let i = 1; i < edge.length; i++) if (isBefore(heap[edge[i]!]!, heap[edge[best]!]!)) best = i;
      const [at = 0] = edge.splice(best, 1);
      found.push(heap[at]!);
      for (const child of [at * 2 + 1, at * 2 + 2]) if (child < heap.length) edge.push(child);
    }
    return found;
  }

  clear(): void {
    this.#heap = [];
  }

  /** Puts an entry at `at` or below it, where it belongs. */
  #sink(entry: Entry, start: number): void {
    const heap = this.#heap;
    let at = start;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}

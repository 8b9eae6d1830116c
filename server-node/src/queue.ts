// One named queue, FIFO. Its segments grow with its backlog, so that a thousand small queues stay small and a long one has
// few. Invariant: only the last segment may be empty; jobs enter the last one and leave the first one.

import type { JobText } from './job-text.ts';
import { Segment, type TakenJob } from './segment.ts';

const firstSegmentBytes = 16 * 1024;
const largestSegmentBytes = 4 * 1024 * 1024;
/** A queue that ran empty keeps its segment up to this size, ready for the next jobs. */
const keptSegmentBytes = 256 * 1024;
/** Of the largest ones, those that ran empty are used again by any queue: fresh memory costs a page fault every 4 KiB. */
const maxSpares = 2;
const spares: Segment[] = [];

export class JobQueue {
  readonly name: string;
  /** Set by `Queues.setPaused` only. */
  paused = false;
  /** What the journal calls it; 0: the journal does not know it. */
  journalNumber = 0;
  #segments: Segment[] = [];
  #size = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Jobs waiting. */
  get size(): number {
    return this.#size;
  }

  /** It has a job to give. */
  get isReady(): boolean {
    return this.#size > 0 && !this.paused;
  }

  /** @param id its name in the journal; 0 without one */
  append(job: JobText, id = 0): void {
    if (!this.#segments.at(-1)?.append(job, id)) this.#extend(job).append(job, id);
    this.#size++;
  }

  /** Takes the oldest job; null when there is none. */
  take(): TakenJob | null {
    if (this.#size === 0) return null;
    const first = this.#segments[0]!;
    const job = first.take();
    this.#size--;
    if (first.isEmpty && (this.#segments.length > 1 || first.size > keptSegmentBytes)) {
      this.#segments.shift();
      if (first.size === largestSegmentBytes && spares.length < maxSpares) spares.push(first);
    }
    return job;
  }

  /** The oldest job's byte text; null when there is none. */
  peek(): string | null {
    return this.#size === 0 ? null : this.#segments[0]!.peek();
  }

  /** The ids of its jobs, oldest first. */
  *ids(): Generator<number> {
    for (const segment of this.#segments) yield* segment.ids();
  }

  /** The texts of its jobs, oldest first; they stay. */
  *texts(): Generator<string> {
    for (const segment of this.#segments) yield* segment.texts();
  }

  /** Drops all jobs. */
  clear(): void {
    this.#segments = [];
    this.#size = 0;
  }

  #extend(job: JobText): Segment {
    const last = this.#segments.at(-1);
    // A segment that is empty and still has no room was kept for smaller jobs.
    if (last?.isEmpty) this.#segments.pop();
    const usual = last ? Math.min(last.size * 2, largestSegmentBytes) : firstSegmentBytes;
    const size = Math.max(usual, Segment.need(job));
    const segment = (size === largestSegmentBytes && spares.pop()) || new Segment(size);
    this.#segments.push(segment);
    return segment;
  }
}

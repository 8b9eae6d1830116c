// The queues by name. A queue is known from its first job until it is removed; names are data, so they live in a Map.

import { Arrivals } from './arrivals.ts';
import type { JobText } from './job-text.ts';
import { JobQueue } from './queue.ts';

export class Queues {
  readonly #byName = new Map<string, JobQueue>();
  readonly #paused = new Set<JobQueue>();
  /** Queues that got something to give. */
  readonly arrivals = new Arrivals();

  /** True when any queue is paused. */
  get arePaused(): boolean {
    return this.#paused.size > 0;
  }

  /**
   * Adds a job at the tail of a queue.
   * @param id its name in the journal; 0 without one
   */
  append(queue: JobQueue, job: JobText, id: number): void {
    if (queue.size === 0) this.arrivals.add(queue.name);
    queue.append(job, id);
  }

  setPaused(queue: JobQueue, paused: boolean): void {
    queue.paused = paused;
    if (paused) {
      this.#paused.add(queue);
      return;
    }
    this.#paused.delete(queue);
    if (queue.size > 0) this.arrivals.add(queue.name);
  }

  get(name: string): JobQueue | undefined {
    return this.#byName.get(name);
  }

  /** The queue of that name, made known when it was not. */
  obtain(name: string): JobQueue {
    const known = this.#byName.get(name);
    if (known) return known;
    const queue = new JobQueue(name);
    this.#byName.set(name, queue);
    return queue;
  }

  /** Forgets the queue with its jobs and its pause mark. */
  remove(name: string): void {
    const queue = this.#byName.get(name);
    if (!queue) return;
    queue.clear();
    this.#byName.delete(name);
    this.#paused.delete(queue);
  }

  /** Drops the jobs of all queues, and the queues. */
  clear(): void {
    for (const queue of this.#byName.values()) queue.clear();
    this.#byName.clear();
    this.#paused.clear();
  }

  /** The queues in the order in which they became known. */
  all(): IterableIterator<JobQueue> {
    return this.#byName.values();
  }

  get count(): number {
    return this.#byName.size;
  }
}

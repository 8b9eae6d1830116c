// The queues by name. A queue is known from its first job until it is removed; names are data, so they live in a Map.

import { JobQueue } from './queue.ts';

export class Queues {
  readonly #byName = new Map<string, JobQueue>();

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
    this.#byName.get(name)?.clear();
    this.#byName.delete(name);
  }

  /** Drops the jobs of all queues, and the queues. */
  clear(): void {
    for (const queue of this.#byName.values()) queue.clear();
    this.#byName.clear();
  }

  /** The queues in the order in which they became known. */
  all(): IterableIterator<JobQueue> {
    return this.#byName.values();
  }

  get count(): number {
    return this.#byName.size;
  }
}

// The names of queues that got something to give: their first job, or jobs that a pause held back. A ring; those who read it keep
// the count up to which they have read, and start over when more came meanwhile than the ring holds.
// Invariant: every queue that has jobs and isn't paused was added after it last had none or was paused.

const capacity = 1024;

export class Arrivals {
  readonly #names: string[] = new Array(capacity).fill('');
  #count = 0;

  /** Names added, ever. */
  get count(): number {
    return this.#count;
  }

  add(queue: string): void {
    this.#names[this.#count & (capacity - 1)] = queue;
    this.#count++;
  }

  /** The names added since the count was `since`; null: there are too many to tell. */
  since(since: number): string[] | null {
    if (this.#count - since > capacity) return null;
    const names = [];
    for (let at = since; at < this.#count; at++) names.push(this.#names[at & (capacity - 1)]!);
    return names;
  }
}

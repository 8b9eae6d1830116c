// Lets a bounded number through at one time; the others wait in the order in which they came.

export class Gate {
  readonly #width: number;
  #inside = 0;
  readonly #queue: (() => void)[] = [];

  constructor(width: number) {
    this.#width = width;
  }

  get inside(): number {
    return this.#inside;
  }

  /** true: entered. false: full; `wait` queues. */
  tryEnter(): boolean {
    if (this.#inside >= this.#width) return false;
    this.#inside++;
    return true;
  }

  /** Settles once entered. */
  wait(): Promise<void> {
    if (this.tryEnter()) return Promise.resolve();
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  leave(): void {
    const next = this.#queue.shift();
    // The place goes straight to who waited longest, so a newcomer can't slip in between.
    if (next) next();
    else this.#inside--;
  }
}

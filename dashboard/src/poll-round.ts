// One question to many parts: "a snapshot, now". A round ends when all asked have answered or gone, or after its deadline, so
// that a part whose event loop is stuck holds nobody up. Who polls while a round is under way shares it.

const DEADLINE_MS = 1000;

export class PollRound {
  readonly #waitingFor = new Set<string>();
  #round: { done: Promise<void>; end: () => void } | null = null;

  /** `ask` sends the question; it is called at once, or not at all when a round is under way. */
  start(ids: Iterable<string>, ask: () => void): Promise<void> {
    if (this.#round) return this.#round.done;
    for (const id of ids) this.#waitingFor.add(id);
    if (this.#waitingFor.size === 0) return Promise.resolve();
    let settle: () => void;
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const deadline = setTimeout(() => this.end(), DEADLINE_MS);
    const end = () => {
      clearTimeout(deadline);
      settle();
    };
    this.#round = { done, end };
    ask();
    return done;
  }

  /** That part has answered, or will not. */
  settle(id: string): void {
    if (this.#waitingFor.delete(id) && this.#waitingFor.size === 0) this.end();
  }

  end(): void {
    const round = this.#round;
    this.#round = null;
    this.#waitingFor.clear();
    round?.end();
  }
}

// Carries settings to a part that runs, and what it says back.
//
//   ask ──▶ sent to each of the part's processes ──the first answers──▶ what became of it
//                                                └─all gone, or none within 5 s──▶ null
//
// A worker's processes all pass on what they hear to the same supervisor, so one that a handler holds keeps nobody waiting.
// Invariant: every `ask` settles; numbers only grow, also over restarts of the control room on a clock that does.

import type { SettingsOutcome } from '@jobstorm/telemetry';

const DEADLINE_MS = 5000;

interface Question {
  /** Ids of those that have not answered. */
  asked: Set<string>;
  settle(outcome: SettingsOutcome | null): void;
}

export class SettingsRelay {
  readonly #now: () => number;
  readonly #questions = new Map<number, Question>();
  #number = 0;

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** `send` is called with a new number, at once. Null: nobody has answered. */
  ask(ids: Iterable<string>, send: (number: number) => void): Promise<SettingsOutcome | null> {
    const number = Math.max(this.#now(), this.#number + 1);
    this.#number = number;
    return new Promise((resolve) => {
      const deadline = setTimeout(() => this.#questions.get(number)?.settle(null), DEADLINE_MS);
      const settle = (outcome: SettingsOutcome | null) => {
        clearTimeout(deadline);
        this.#questions.delete(number);
        resolve(outcome);
      };
      this.#questions.set(number, { asked: new Set(ids), settle });
      send(number);
    });
  }

  /** That part has answered; what nobody asked it is left alone. */
  answered(id: string, number: number, outcome: SettingsOutcome): void {
    const question = this.#questions.get(number);
    if (question?.asked.has(id)) question.settle(outcome);
  }

  /** That part will not answer any more. */
  gone(id: string): void {
    for (const { asked, settle } of [...this.#questions.values()]) {
      if (asked.delete(id) && asked.size === 0) settle(null);
    }
  }

  /** Settles all that is open. */
  end(): void {
    for (const { settle } of [...this.#questions.values()]) settle(null);
  }
}

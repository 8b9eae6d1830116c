// ctrl-C: the first one asks the command to come to its end, the second one ends it at once with all that it started, but for a moment to
// take back what must not stay behind on a server; a third one does without it.

import { ExitCode } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const takeBackWithinMs = 1000;

export class Interrupt {
  readonly #controller = new AbortController();
  readonly #hear: () => void;

  /** `kill` must end every child process before it returns; a promise of it is waited for, for a second at most. */
  constructor(kill: () => unknown) {
    const exit = () => process.exit(ExitCode.interrupted);
    let isKilled = false;
    this.#hear = () => {
      if (!this.#controller.signal.aborted) return this.#controller.abort();
      const takenBack = isKilled ? null : kill();
      isKilled = true;
      if (!(takenBack instanceof Promise)) return exit();
      setTimeout(exit, takeBackWithinMs);
      takenBack.then(exit, exit);
    };
    for (const signal of signals) process.on(signal, this.#hear);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The promise's end, or a rejection when the interrupt comes first. */
  async race<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {}); // when the interrupt wins, how the work ends is of no interest
    const { signal } = this.#controller;
    let hear = () => {};
    const interrupted = new Promise<never>((_, reject) => {
      hear = () => reject(new JobstormError('EINTERRUPTED', 'interrupted'));
      if (signal.aborted) hear();
      else signal.addEventListener('abort', hear);
    });
    try {
      return await Promise.race([work, interrupted]);
    } finally {
      signal.removeEventListener('abort', hear);
    }
  }

  release(): void {
    for (const signal of signals) process.off(signal, this.#hear);
  }
}

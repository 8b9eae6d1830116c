// The slots: each runs one job at a time. Handlers that return at once end within `start`, the others when they settle.
// Invariant: `running` never goes above `total`, since no more is fetched than there are free slots; every run that starts
// ends exactly once in `onEnd`, by its handler or by `refuse`, whichever comes first.

import type { Job } from '@jobstorm/protocol';
import type { Handlers } from './handlers.ts';
import type { Run } from './run.ts';

export interface SlotsOptions {
  total: number;
  handlers: Handlers;
  /** A run's handler ended; `thrown` is what it threw, and `failed` that it did. */
  onEnd: (run: Run, failed: boolean, thrown: unknown) => void;
}

export class Slots {
  readonly total: number;
  readonly #handlers: Handlers;
  readonly #onEnd: SlotsOptions['onEnd'];
  /** Those whose handlers did not return at once. */
  readonly #waiting = new Set<Run>();
  #running = 0;
  #refusal: Error | null = null;
  #idle: (() => void)[] = [];

  constructor({ total, handlers, onEnd }: SlotsOptions) {
    this.total = total;
    this.#handlers = handlers;
    this.#onEnd = onEnd;
  }

  get running(): number {
    return this.#running;
  }

  start(run: Run): void {
    this.#running++;
    run.startedMs = performance.now();
    if (this.#refusal) {
      this.#end(run, true, this.#refusal);
      return;
    }
    try {
      const result = this.#call(run.job);
      if (isThenable(result)) {
        this.#wait(run, result);
        return;
      }
      if (typeof result === 'function') {
        this.#settled(run, result);
        return;
      }
    } catch (thrown) {
      this.#end(run, true, thrown);
      return;
    }
    this.#end(run, false, undefined);
  }

  /** Settles when nothing runs. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Fails every run that still waits for its handler, and any that comes later. What those handlers do is not looked at. */
  refuse(reason: Error): void {
    this.#refusal = reason;
    for (const run of [...this.#waiting]) this.#end(run, true, reason);
  }

  #call(job: Job): unknown {
    const handler = this.#handlers.get(job.jobtype);
    if (handler === undefined) {
      throw new UnknownJobtype(job.jobtype, [...this.#handlers.keys()]);
    }
    return (handler as (...args: unknown[]) => unknown)(...job.args);
  }

  #wait(run: Run, result: PromiseLike<unknown>): void {
    this.#waiting.add(run);
    result.then(
      (value) => this.#settled(run, value),
      (thrown) => this.#end(run, true, thrown),
    );
  }

  /** A handler's value, or what its promise gave; as in faktory-worker it may be a function of the context. */
  #settled(run: Run, value: unknown): void {
    // Refused in the meantime: what it would still do is not begun.
    if (run.state !== 'running') return;
    if (typeof value !== 'function') {
      this.#end(run, false, undefined);
      return;
    }
    this.#waiting.add(run);
    new Promise((resolve) => resolve(value({ job: run.job }))).then(
      () => this.#end(run, false, undefined),
      (thrown) => this.#end(run, true, thrown),
    );
  }

  #end(run: Run, failed: boolean, thrown: unknown): void {
    if (run.state !== 'running') return;
    run.state = 'ending';
    run.endedMs = performance.now();
    this.#waiting.delete(run);
    this.#running--;
    this.#onEnd(run, failed, thrown);
    if (this.#running === 0 && this.#idle.length > 0) {
      for (const tell of this.#idle.splice(0)) tell();
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

class UnknownJobtype extends Error {
  constructor(jobtype: string, known: readonly string[]) {
    super(`this worker has no handler for "${jobtype}"; it has ${known.join(', ')}, and --jobs FILE.mjs adds more`);
    this.name = 'UnknownJobtype';
  }
}

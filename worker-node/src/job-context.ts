// What a handler's function and middleware get for a job, as in faktory-worker: the job, and whatever middleware adds to it.

import type { Job } from '@jobstorm/protocol';
import type { Handler, HandlerContext } from './handlers.ts';

export class JobContext implements HandlerContext {
  [key: string]: unknown;
  readonly job: Job;
  fn?: Handler;
  /** Made when it is first asked for: most handlers never do. */
  #controller: AbortController | null = null;
  #reason: Error | null = null;

  constructor(job: Job) {
    this.job = job;
  }

  /** Aborted when the job has been given up: it took too long, or the worker stops. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

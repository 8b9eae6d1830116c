// What a worker can do: job type to handler. The ones built in are small on purpose, so that a run measures the job server and
// the worker rather than the work; a user's own come from `--jobs` (jobs-file.ts).

import type { Job } from '@jobstorm/protocol';
import type { Middleware } from './middleware.ts';
import { Naps } from './naps.ts';

export interface HandlerContext {
  readonly job: Job;
  /** Aborted when the job has been given up: it took too long, or the worker stops. What the handler still does is not looked at. */
  readonly signal: AbortSignal;
  /** The handler, once middleware has let it through. */
  fn?: Handler;
  /** What middleware added. */
  [key: string]: unknown;
}

/**
 * Runs one job. As in faktory-worker it is called with the job's args, and may return a value, a promise, or a function that
 * is then called with the context. Throwing or rejecting fails the job.
 */
export type Handler = (...args: never[]) => unknown;

export type Handlers = Map<string, Handler>;

/** All that a jobs file can bring. */
export interface Repertoire {
  handlers: Handlers;
  /** Around every job, the first one outermost. */
  middleware: Middleware[];
  /** How long a job of a type may take, in milliseconds. */
  timeoutsMs: Map<string, number>;
}

function divide(a: number, b: number): number {
  if (b === 0) throw new RangeError(`can't divide ${a} by zero`);
  return a / b;
}

/** Keeps the CPU busy for that long. */
function spin(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

/** How often a job has failed before. */
function failuresOf({ job }: HandlerContext): number {
  return job.failure ? job.failure.retry_count + 1 : 0;
}

/**
 * Fails a share of its jobs: at once, or after it has slept. With `times` a job fails so often, and then no more, so that its retries
 * bring it to a good end.
 */
function flaky(random: () => number, naps: Naps): Handler {
  return (share: number, times: number | null = null, ms = 0) => {
    const fail = () => {
      if (random() < share) throw new Error(`failed on purpose, as a share of ${share} of these jobs does`);
    };
    if (times === null && ms === 0) return fail();
    return async (context: HandlerContext) => {
      if (ms > 0) await naps.nap(ms);
      if (times === null || failuresOf(context) < times) fail();
    };
  };
}

/** The built-in handlers. `random` gives numbers from 0 to 1 and decides which flaky jobs fail. */
export function builtInHandlers(random: () => number = Math.random): Handlers {
  const naps = new Naps();
  return new Map<string, Handler>([
    ['add', (a: number, b: number) => a + b],
    ['subtract', (a: number, b: number) => a - b],
    ['multiply', (a: number, b: number) => a * b],
    ['divide', divide],
    ['noop', () => {}],
    ['sleep', (ms: number) => naps.nap(ms)],
    ['spin', spin],
    ['payload', (text: unknown) => (typeof text === 'string' ? text.length : JSON.stringify(text)?.length)],
    ['flaky', flaky(random, naps)],
  ]);
}

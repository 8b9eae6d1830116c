// The slots: each runs one job at a time. Handlers that return at once end within `start`, the others when they settle, or when their
// time is over.
//
//   start ─▶ handler returned ──────────────────────────────▶ end        with middleware every handler is waited for
//         └▶ handler's promise ─▶ settled | timed out | refused ─▶ end   (what comes first; the others change nothing)
//
// Invariant: every run that starts ends exactly once in `onEnd`. `running` goes above `total` only for what was held too long
// (holding.ts) and while `total` was made smaller than what ran.

import { Deadlines } from './deadlines.ts';
import { JobContext } from './job-context.ts';
import { JobTimeout } from './job-timeout.ts';
import { type JobRules, type JobType, jobTypesOf } from './job-type.ts';
import { compose, type Middleware } from './middleware.ts';
import type { Run } from './run.ts';

export interface SlotsOptions extends JobRules {
  total: number;
  /** Around every job; none: handlers that return at once stay fast. */
  middleware?: readonly Middleware[];
  /** A run's handler ended; `thrown` is what it threw, and `failed` that it did. */
  onEnd: (run: Run, failed: boolean, thrown: unknown) => void;
}

/** Runs whose handlers gave the same promise, one after the other. */
interface Sharers {
  readonly result: PromiseLike<unknown>;
  readonly first: Run;
  /** null: nobody else has it. */
  others: Run[] | null;
  settled: boolean;
}

export class Slots {
  total: number;
  readonly #types: Map<string, JobType>;
  readonly #onEnd: SlotsOptions['onEnd'];
  readonly #deadlines = new Deadlines((run, ms) => this.#give(run, new JobTimeout(ms)));
  /** What runs a job where there is middleware; null: there is none. */
  readonly #chain: ((context: JobContext) => Promise<unknown>) | null;
  /** Those whose handlers did not return at once, in no order; each knows its place. */
  readonly #waiting: Run[] = [];
  /** Of the promise that came last; null: it has settled. */
  #sharers: Sharers | null = null;
  #running = 0;
  #refusal: Error | null = null;
  #idle: (() => void)[] = [];

  constructor(options: SlotsOptions) {
    const { total, middleware = [], onEnd } = options;
    this.total = total;
    this.#onEnd = onEnd;
    this.#types = jobTypesOf(options);
    this.#chain = middleware.length === 0 ? null : compose(middleware, (context) => this.#runHandler(context));
  }

  /** Every job type that has a handler. */
  types(): Iterable<JobType> {
    return this.#types.values();
  }

  /** Runs whose handlers did not return at once. */
  runs(): Iterable<Run> {
    return this.#waiting;
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
    const type = this.#types.get(run.job.jobtype) ?? null;
    run.type = type;
    try {
      const result = this.#chain ? this.#chain(this.#contextOf(run)) : call(this.#known(run), run.job.args);
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
    for (const run of [...this.#waiting]) this.#give(run, reason);
  }

  /** Watches no time any more; to be called when it is idle for good. */
  close(): void {
    this.#deadlines.close();
  }

  #known({ type, job }: Run): JobType {
    if (type === null) throw new UnknownJobtype(job.jobtype, [...this.#types.keys()]);
    return type;
  }

  /** The end of the chain, as faktory-worker's. */
  async #runHandler(context: JobContext): Promise<void> {
    const { job } = context;
    const type = this.#types.get(job.jobtype);
    if (type === undefined) throw new UnknownJobtype(job.jobtype, [...this.#types.keys()]);
    context.fn = type.handler;
    const result = await call(type, job.args);
    if (typeof result === 'function') await result(context);
  }

  #contextOf(run: Run): JobContext {
    run.context ??= new JobContext(run.job);
    return run.context;
  }

  #wait(run: Run, result: PromiseLike<unknown>): void {
    this.#await(run);
    const last = this.#sharers;
    if (last !== null && last.result === result) {
      if (last.others === null) last.others = [run];
      else last.others.push(run);
      return;
    }
    const sharers: Sharers = { result, first: run, others: null, settled: false };
    result.then(
      (value) => this.#tell(sharers, (each) => this.#settled(each, value)),
      (thrown) => this.#tell(sharers, (each) => this.#end(each, true, thrown)),
    );
    // What is no true promise may have settled within `then`.
    if (!sharers.settled) this.#sharers = sharers;
  }

  /** Who gets the same promise from now on waits for it anew. */
  #tell(sharers: Sharers, settle: (run: Run) => void): void {
    sharers.settled = true;
    if (this.#sharers === sharers) this.#sharers = null;
    settle(sharers.first);
    if (sharers.others !== null) for (const each of sharers.others) settle(each);
  }

  /** It takes its time from here on, which may be limited. */
  #await(run: Run): void {
    if (run.place < 0) run.place = this.#waiting.push(run) - 1;
    const timeoutMs = run.type?.timeoutMs ?? null;
    if (timeoutMs !== null) this.#deadlines.add(run, timeoutMs);
  }

  /** A handler's value, or what its promise gave; as in faktory-worker it may be a function of the context. */
  #settled(run: Run, value: unknown): void {
    // Refused in the meantime: what it would still do is not begun.
    if (run.state !== 'running') return;
    if (typeof value !== 'function' || this.#chain) {
      this.#end(run, false, undefined);
      return;
    }
    this.#await(run);
    new Promise((resolve) => resolve(value(this.#contextOf(run)))).then(
      () => this.#end(run, false, undefined),
      (thrown) => this.#end(run, true, thrown),
    );
  }

  /** Its handler goes on, and is told that nobody waits for it any more. */
  #give(run: Run, reason: Error): void {
    this.#end(run, true, reason);
    run.context?.abort(reason);
  }

  /** The last one takes its place. */
  #leave(run: Run): void {
    const last = this.#waiting.pop()!;
    if (last !== run) {
      this.#waiting[run.place] = last;
      last.place = run.place;
    }
    run.place = -1;
  }

  #end(run: Run, failed: boolean, thrown: unknown): void {
    if (run.state !== 'running') return;
    run.state = 'ending';
    const { type, tally } = run;
    const timed = tally === null || tally.recording;
    if (timed) run.endedMs = performance.now();
    if (type !== null) {
      if (timed) type.service.record((run.endedMs - run.startedMs) * 1000);
      if (failed) type.failed++;
      if (type.timeoutMs !== null) this.#deadlines.delete(run, type.timeoutMs);
    }
    if (run.place >= 0) this.#leave(run);
    this.#running--;
    this.#onEnd(run, failed, thrown);
    if (this.#running === 0 && this.#idle.length > 0) {
      for (const tell of this.#idle.splice(0)) tell();
    }
  }
}

function call(type: JobType, args: unknown): unknown {
  return (type.handler as (...args: unknown[]) => unknown)(...(args as unknown[]));
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

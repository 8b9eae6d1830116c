// The baseline: faktory-worker's own Worker with our handlers and our snapshots, so that both engines are compared by the same
// measure. It fetches and acknowledges as the package does; we only look on.

import { Connection, type Job } from '@jobstorm/protocol';
import type { Phases, WorkerSnapshot } from '@jobstorm/telemetry';
import faktory from 'faktory-worker';
import { Books, type Live } from './books.ts';
import type { Engine, EngineChange, WorkerOptions, WorkerStatus } from './engine.ts';
import { JobTimeout } from './job-timeout.ts';
import { type JobType, jobTypesOf } from './job-type.ts';
import { parseQueues } from './queue-rules.ts';
import type { RunTally } from './tally.ts';

interface Seen {
  job: Job;
  type: JobType | null;
  tally: RunTally | null;
  fetchedMs: number;
  endedMs: number;
}

export class FaktoryWorkerEngine implements Engine {
  readonly ended: Promise<void>;
  onIdle: (() => void) | null = null;
  readonly #options: WorkerOptions;
  readonly #worker: InstanceType<typeof faktory.Worker>;
  readonly #books = new Books({ live: () => this.#live(), types: () => this.#types.values() });
  readonly #types: Map<string, JobType>;
  readonly #seen = new Map<string, Seen>();
  #state: WorkerSnapshot['state'] = 'running';
  #running = 0;
  #registered = false;
  #stopped: Promise<void> | null = null;
  #onEmpty: (() => void) | null = null;
  #settleEnded!: () => void;
  /** The package's own `stop`. */
  readonly #stopWorker: () => Promise<void>;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    const { address } = options;
    this.#types = jobTypesOf(options);
    this.#worker = new faktory.Worker({
      wid: options.wid,
      host: address.host,
      port: address.port,
      ...(address.password === null ? {} : { password: address.password }),
      ...(address.tls ? { tlsOptions: {} } : {}),
      concurrency: options.slots,
      timeout: options.graceMs / 1000,
      queues: queuesFor(options.queues),
      // Without a prototype: a job type such as "toString" has no handler.
      registry: Object.assign(Object.create(null), Object.fromEntries(options.handlers)),
    });
    this.#worker.use((context: { job: unknown }, next: () => Promise<unknown>) => this.#observe(context.job, next));
    for (const each of options.middleware ?? []) this.#worker.use(each as (context: unknown, next: unknown) => unknown);
    this.#worker.on('error', (error: Error) => options.log(error.message));
    this.#stopWorker = this.#worker.stop.bind(this.#worker);
    this.#watchAnswers();
    this.#watchStates();
  }

  async start(): Promise<void> {
    // Both engines say in the same words what is wrong with an address or a password.
    const probe = await Connection.open({ address: this.#options.address });
    await probe.close();
    await this.#worker.work();
    // The package ends itself on signals; here the supervisor says when.
    (this.#worker as unknown as { untrapSignals?: () => void }).untrapSignals?.();
    this.#registered = true;
  }

  quiet(): Promise<void> {
    this.#worker.quiet();
    return Promise.resolve();
  }

  /** The package's own grace is the one in the options, whatever `graceMs`; null: it is not asked to stop before all jobs are done. */
  stop(graceMs: number | null = this.#options.graceMs): Promise<void> {
    if (graceMs === null && this.#stopped === null && this.#seen.size > 0) {
      this.quiet();
      return new Promise((resolve) => {
        this.#onEmpty = () => resolve(this.stop());
      });
    }
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  configure(_change: EngineChange): void {
    this.#options.log('the faktory-worker engine takes no other settings while it runs');
  }

  snapshot(complete: boolean): WorkerSnapshot {
    return this.#books.snapshot(complete);
  }

  phases(): Phases {
    return this.#books.phases();
  }

  status(): WorkerStatus {
    return this.#books.status();
  }

  #live(): Live {
    return {
      state: this.#state,
      connected: this.#registered,
      slots: { total: this.#options.slots, running: this.#running },
      connections: this.#options.slots + 2,
    };
  }

  async #stop(): Promise<void> {
    this.#state = 'terminate';
    try {
      await this.#stopWorker();
    } finally {
      this.#settleEnded();
    }
  }

  async #observe(payload: unknown, next: () => Promise<unknown>): Promise<void> {
    const job = payload as Job;
    const fetchedMs = performance.now();
    const tally = this.#books.tallies.of(job);
    const type = this.#types.get(job.jobtype) ?? null;
    const seen: Seen = { job, type, tally, fetchedMs, endedMs: 0 };
    this.#seen.set(job.jid, seen);
    this.#books.totals.fetched++;
    this.#running++;
    tally?.fetched(job, fetchedMs);
    try {
      await withTimeout(next(), type?.timeoutMs ?? this.#options.jobTimeoutMs ?? null);
    } finally {
      this.#running--;
      seen.endedMs = performance.now();
      if (tally?.recording !== false) type?.service.record((seen.endedMs - fetchedMs) * 1000);
      tally?.ended(fetchedMs, fetchedMs, seen.endedMs);
    }
  }

  /** The package calls its own `quiet` and `stop` when the server says so. */
  #watchStates(): void {
    const quiet = this.#worker.quiet.bind(this.#worker);
    this.#worker.quiet = () => {
      if (this.#state === 'running') this.#state = 'quiet';
      quiet();
    };
    this.#worker.stop = () => this.stop();
  }

  /** Looks at the answers of ACK and FAIL on their way back to the package. */
  #watchAnswers(): void {
    const client = (
      this.#worker as unknown as { client: Record<'ack' | 'fail', (jid: string, error?: Error) => Promise<string>> }
    ).client;
    const ack = client.ack.bind(client);
    const fail = client.fail.bind(client);
    client.ack = async (jid) => {
      const answer = await ack(jid);
      this.#over(jid, false);
      return answer;
    };
    client.fail = async (jid, error) => {
      const answer = await fail(jid, error);
      this.#over(jid, true);
      return answer;
    };
  }

  #over(jid: string, failed: boolean): void {
    const seen = this.#seen.get(jid);
    this.#seen.delete(jid);
    if (seen) this.#books.wasLate(seen.job, performance.now() - seen.fetchedMs);
    if (failed) {
      if (seen?.type) seen.type.failed++;
      this.#books.totals.failed++;
      seen?.tally?.failed();
    } else {
      this.#books.totals.completed++;
      if (seen) seen.tally?.completed(seen.job, seen.endedMs, performance.now());
    }
    if (this.#seen.size > 0) return;
    this.onIdle?.();
    this.#onEmpty?.();
  }
}

/** As the package takes them: a list in strict order, or weights by name. */
function queuesFor(entries: readonly string[]): string[] | Record<string, number> {
  const queues = parseQueues(entries);
  return queues.every(({ weight }) => weight === null)
    ? queues.map(({ name }) => name)
    : Object.fromEntries(queues.map(({ name, weight }) => [name, weight ?? 1]));
}

/** What comes after the time is up is not looked at. */
async function withTimeout(work: Promise<unknown>, ms: number | null): Promise<unknown> {
  if (ms === null) return work;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new JobTimeout(ms)), ms);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

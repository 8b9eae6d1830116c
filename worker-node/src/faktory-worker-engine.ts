// The baseline: faktory-worker's own Worker with our handlers and our snapshots, so that both engines are compared by the same
// measure. It fetches and acknowledges as the package does; we only look on.

import { Connection, type Job } from '@jobstorm/protocol';
import { epochUs, measureUsage, type Phases, type WorkerSnapshot } from '@jobstorm/telemetry';
import faktory from 'faktory-worker';
import type { Engine, WorkerOptions, WorkerStatus } from './engine.ts';
import { type RunTally, Tallies } from './tally.ts';

interface Seen {
  job: Job;
  tally: RunTally | null;
  fetchedMs: number;
  endedMs: number;
}

export class FaktoryWorkerEngine implements Engine {
  readonly ended: Promise<void>;
  onIdle: (() => void) | null = null;
  readonly #options: WorkerOptions;
  readonly #worker: InstanceType<typeof faktory.Worker>;
  readonly #tallies = new Tallies();
  readonly #totals = { fetched: 0, completed: 0, failed: 0 };
  readonly #seen = new Map<string, Seen>();
  #state: WorkerSnapshot['state'] = 'running';
  #running = 0;
  #registered = false;
  #stopped: Promise<void> | null = null;
  #settleEnded!: () => void;
  /** The package's own `stop`. */
  readonly #stopWorker: () => Promise<void>;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    const { address } = options;
    this.#worker = new faktory.Worker({
      wid: options.wid,
      host: address.host,
      port: address.port,
      ...(address.password === null ? {} : { password: address.password }),
      ...(address.tls ? { tlsOptions: {} } : {}),
      concurrency: options.slots,
      timeout: options.graceMs / 1000,
      queues: [...options.queues],
      // Without a prototype: a job type such as "toString" has no handler.
      registry: Object.assign(Object.create(null), Object.fromEntries(options.handlers)),
    });
    this.#worker.use((context: { job: unknown }, next: () => Promise<unknown>) => this.#observe(context.job, next));
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

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  snapshot(complete: boolean): WorkerSnapshot {
    return { ...this.status(), runs: this.#tallies.messages(complete) };
  }

  phases(): Phases {
    return this.#tallies.phases();
  }

  status(): WorkerStatus {
    return {
      type: 'worker',
      sentAtUs: epochUs(),
      state: this.#state,
      connected: this.#registered,
      slots: { total: this.#options.slots, running: this.#running },
      connections: this.#options.slots + 2,
      totals: { ...this.#totals },
      usage: measureUsage(),
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
    const tally = this.#tallies.of(job);
    const seen: Seen = { job, tally, fetchedMs, endedMs: 0 };
    this.#seen.set(job.jid, seen);
    this.#totals.fetched++;
    this.#running++;
    tally?.fetched(job, fetchedMs);
    try {
      await next();
    } finally {
      this.#running--;
      seen.endedMs = performance.now();
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
    if (failed) {
      this.#totals.failed++;
      seen?.tally?.failed();
    } else {
      this.#totals.completed++;
      if (seen) seen.tally?.completed(seen.job, seen.endedMs, performance.now());
    }
    if (this.#seen.size === 0) this.onIdle?.();
  }
}

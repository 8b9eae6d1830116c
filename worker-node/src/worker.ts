// The pipelined engine: fetcher → slots → completions, in one process.
//
//   FETCH lanes ──job──▶ slots ──ended──▶ completions ──answered──▶ tally
//        ▲                 │                   │
//        └──── free slots ─┴── ACKs in flight ─┘          heartbeat: state running ─▶ quiet ─▶ terminate
//
// Invariant: a job that came is run, and answered for by an ACK or a FAIL, before `stop` settles. The order of stopping is
// the order of the arrows.

import { hostname } from 'node:os';
import { type Job, type LinkOptions, reads, type WorkerState } from '@jobstorm/protocol';
import { epochUs, epochUsAt, measureUsage, type Phases, type WorkerSnapshot } from '@jobstorm/telemetry';
import { Completions } from './completions.ts';
import type { Engine, WorkerOptions, WorkerStatus } from './engine.ts';
import { describeFailure } from './failure.ts';
import { Fetcher } from './fetcher.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Pace } from './pace.ts';
import { Pulse } from './pulse.ts';
import { Run } from './run.ts';
import { Slots } from './slots.ts';
import { Tallies } from './tally.ts';
import { parseStampUs } from './timestamp.ts';

/** The server answers an ACK within moments; past this it is gone, and its reservations end by themselves. */
const ackGraceMs = 10_000;

/** Jobs that were queued for longer than this come from a backlog. */
const backlogMs = 20;
/** Fewer FETCHes and ACKs than this in flight are not worth gathering the replies of. */
const manyInFlight = 16;
/** One job in 16 tells how long it was queued. */
const sampleMask = 15;

export class Worker implements Engine {
  readonly ended: Promise<void>;
  onIdle: (() => void) | null = null;
  readonly #options: WorkerOptions;
  readonly #slots: Slots;
  readonly #fetcher: Fetcher;
  readonly #completions: Completions;
  readonly #heartbeat: Heartbeat;
  readonly #pulse: Pulse;
  readonly #tallies = new Tallies();
  readonly #pace: Pace = { roundTripMs: 0, gathering: false };
  readonly #totals = { fetched: 0, completed: 0, failed: 0 };
  /** How long a job that came lately had been queued. */
  #queueWaitMs = 0;
  #state: WorkerState = 'running';
  #registered = false;
  #quieted: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;
  #lastError = '';
  #settleEnded!: () => void;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    const ackLanes = Math.max(1, Math.floor(options.connections / 2));
    const fetchLanes = Math.max(1, Math.min(options.connections - ackLanes, options.slots));
    const link: LinkOptions = {
      address: options.address,
      worker: { wid: options.wid, hostname: hostname(), pid: process.pid, labels: ['jobstorm'] },
      onDown: (error) => this.#logOnce(error.message),
    };
    this.#slots = new Slots({
      total: options.slots,
      handlers: options.handlers,
      onEnd: (run, failed, thrown) => this.#end(run, failed, thrown),
    });
    this.#completions = new Completions({
      link,
      lanes: ackLanes,
      pace: this.#pace,
      onAnswered: (_run, failed) => this.#over(failed),
      onRefused: (run, text) => this.#refused(run, text),
    });
    this.#fetcher = new Fetcher({
      link,
      lanes: fetchLanes,
      pace: this.#pace,
      queues: options.queues,
      slots: this.#slots,
      answerRoom: () => this.#completions.room,
      onJob: (text) => this.#take(text),
      onError: (text) => this.#logOnce(`the job server refuses FETCH: ${text}`),
      onTurn: () => {
        this.#pace.gathering = this.#pulse.turn(reads.lastMs);
      },
    });
    this.#pulse = new Pulse({
      connections: () => [...this.#fetcher.connections(), ...this.#completions.connections()],
      counts: () => ({
        reads: reads.count,
        replies: this.#totals.fetched + this.#totals.completed + this.#totals.failed,
      }),
      worthwhile: () =>
        this.#queueWaitMs > backlogMs &&
        this.#slots.running * 2 < this.#slots.total &&
        this.#fetcher.outstanding + this.#completions.inFlight > manyInFlight,
    });
    this.#heartbeat = new Heartbeat({
      wid: options.wid,
      connection: () => this.#completions.connection,
      state: () => this.#state,
      onState: (state) => this.#obey(state),
      onRoundTrip: (ms) => {
        this.#pace.roundTripMs = this.#registered ? Math.min(this.#pace.roundTripMs, ms) : ms;
        this.#registered = true;
      },
      onError: (message) => this.#logOnce(`BEAT failed: ${message}`),
    });
  }

  async start(): Promise<void> {
    try {
      await this.#completions.start();
      await this.#heartbeat.start();
      // The answer to the first beat may have been that it should not.
      if (this.#state === 'running') await this.#fetcher.start();
    } catch (error) {
      this.#heartbeat.stop();
      await Promise.all([this.#completions.stop(), this.#fetcher.finish()]);
      throw error;
    }
  }

  quiet(): Promise<void> {
    if (this.#state === 'running') this.#state = 'quiet';
    this.#pulse.stop();
    this.#quieted ??= this.#fetcher.finish();
    return this.#quieted;
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
      connected: this.#registered && this.#completions.connection !== null,
      slots: { total: this.#slots.total, running: this.#slots.running },
      connections: this.#fetcher.connections().length + this.#completions.connections().length,
      totals: { ...this.#totals },
      usage: measureUsage(),
    };
  }

  async #stop(): Promise<void> {
    const quieted = this.quiet();
    this.#state = 'terminate';
    void this.#heartbeat.beat();
    const grace = setTimeout(() => this.#giveUp(), this.#options.graceMs);
    await quieted;
    await this.#slots.idle();
    clearTimeout(grace);
    if (!(await this.#completions.drained(ackGraceMs))) {
      this.#options.log(
        `${this.#completions.inFlight} finished jobs were not answered by the server; it will hand them out again`,
      );
    }
    this.#heartbeat.stop();
    await this.#completions.stop();
    this.#settleEnded();
  }

  /** The grace is over: what runs now, or still comes, goes back to the server. */
  #giveUp(): void {
    const reason = new Error(`the worker stopped before the job was done (it waited ${this.#options.graceMs} ms)`);
    reason.name = 'WorkerStopped';
    this.#slots.refuse(reason);
  }

  #take(text: string): void {
    const job = parseJob(text);
    if (job === null) {
      this.#logOnce(
        `the job server sent something that is no job, "${text.slice(0, 60)}"; its reservation will end by itself`,
      );
      return;
    }
    if ((this.#totals.fetched++ & sampleMask) === 0 && typeof job.enqueued_at === 'string') {
      this.#queueWaitMs = (epochUsAt(reads.lastMs) - parseStampUs(job.enqueued_at)) / 1000;
    }
    const tally = this.#tallies.of(job);
    tally?.fetched(job, reads.lastMs);
    this.#slots.start(new Run(job, tally, reads.lastMs, this.#completions));
  }

  #end(run: Run, failed: boolean, thrown: unknown): void {
    run.tally?.ended(run.fetchedMs, run.startedMs, run.endedMs);
    if (failed) run.failLine = `FAIL ${JSON.stringify({ jid: run.job.jid, ...describeFailure(thrown) })}`;
    this.#completions.finish(run);
    this.#fetcher.changed();
  }

  #over(failed: boolean): void {
    if (failed) this.#totals.failed++;
    else this.#totals.completed++;
    this.#fetcher.changed();
    if (this.#completions.inFlight === 0 && this.#slots.running === 0) this.onIdle?.();
  }

  #refused(run: Run, text: string): void {
    this.#fetcher.changed();
    this.#logOnce(`the job server refused the end of job ${run.job.jid}: ${text}`);
  }

  #obey(state: WorkerState): void {
    if (state === 'terminate') void this.stop();
    else if (this.#state === 'running') void this.quiet();
  }

  /** Trouble of one kind tends to repeat for every job or every try; the log gets it once in a row. */
  #logOnce(message: string): void {
    if (message === this.#lastError) return;
    this.#lastError = message;
    this.#options.log(message);
  }
}

/** null: it is no JSON, or no job. */
function parseJob(text: string): Job | null {
  try {
    const job: Job | null = JSON.parse(text);
    return typeof job?.jid === 'string' ? job : null;
  } catch {
    return null;
  }
}

// The pipelined engine: fetcher → slots → completions, in one process.
//
//   FETCH lanes ──job──▶ holding ─▶ slots ──ended──▶ completions ──answered──▶ tally
//        ▲                            │                   │
//        └─────────────── free slots ─┴── ACKs in flight ─┘          heartbeat: state running ─▶ quiet ─▶ terminate
//
// Invariant: a job that came is run, and answered for by an ACK or a FAIL, before `stop` settles. The order of stopping is
// the order of the arrows.

import { hostname } from 'node:os';
import { type Job, type LinkOptions, reads, type WorkerState } from '@jobstorm/protocol';
import { epochUsAt, type Phases, type WorkerSnapshot } from '@jobstorm/telemetry';
import { Books, type Live } from './books.ts';
import { Completions } from './completions.ts';
import { laneBounds, usualLanes } from './connection-bounds.ts';
import type { Engine, EngineChange, WorkerOptions, WorkerStatus } from './engine.ts';
import { describeFailure } from './failure.ts';
import { type FetchPlan, FetchPlanner } from './fetch-plan.ts';
import { Fetcher } from './fetcher.ts';
import { Heartbeat } from './heartbeat.ts';
import { Holding } from './holding.ts';
import type { LaneBounds } from './lane-count.ts';
import type { Pace } from './pace.ts';
import { Pulse } from './pulse.ts';
import { noLimits, parseQueues, type QueueLimits } from './queue-rules.ts';
import { Run } from './run.ts';
import { Slots } from './slots.ts';
import { parseStampUs } from './timestamp.ts';

/** The server answers an ACK within moments; past this it is gone, and its reservations end by themselves. */
const ackGraceMs = 10_000;

// A network that swallowed everything is noticed after this, since a job server that lives answers a FETCH within 2 s; and once it
// is whole again, it takes no more than a try that is given up and a wait until all goes on.
const silenceMs = 10_000;
const reopenTimeoutMs = 2500;
const maxWaitMs = 1500;

/** Jobs that were queued for longer than this come from a backlog. */
const backlogMs = 20;
/** Fewer FETCHes and ACKs than this in flight are not worth gathering the replies of. */
const manyInFlight = 16;
/** Connections of a worker to which nothing comes, unless it is told. */
const usualIdleConnections = 4;
/** One job in 16 tells how long it was queued. */
const sampleMask = 15;

export class Worker implements Engine {
  readonly ended: Promise<void>;
  onIdle: (() => void) | null = null;
  readonly #options: WorkerOptions;
  readonly #slots: Slots;
  readonly #planner: FetchPlanner;
  #queues: readonly string[];
  #limits: QueueLimits;
  readonly #holding: Holding;
  readonly #fetcher: Fetcher;
  readonly #completions: Completions;
  readonly #heartbeat: Heartbeat;
  readonly #pulse: Pulse;
  readonly #books = new Books({ live: () => this.#live(), types: () => this.#slots.types() });
  readonly #pace: Pace = { roundTripMs: 0, gathering: false, paused: false };
  /** How long a job that came lately had been queued. */
  #queueWaitMs = 0;
  #state: WorkerState = 'running';
  #registered = false;
  #quieted: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;
  #grace: NodeJS.Timeout | null = null;
  /** Every job that came has ended, and no more will come. */
  #answered = false;
  #lastError = '';
  #settleEnded!: () => void;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    const { limits = noLimits } = options;
    const lanes = boundsOf(options, options.slots);
    const link: LinkOptions = {
      address: options.address,
      worker: { wid: options.wid, hostname: hostname(), pid: process.pid, labels: ['jobstorm'] },
      silenceMs: options.silenceMs ?? silenceMs,
      reopenTimeoutMs,
      maxWaitMs,
      onDown: (error) => this.#logOnce(error.message),
    };
    this.#queues = options.queues;
    this.#limits = limits;
    this.#planner = new FetchPlanner(parseQueues(options.queues), limits);
    this.#slots = new Slots({
      ...options,
      total: options.slots,
      onEnd: (run, failed, thrown) => this.#end(run, failed, thrown),
    });
    this.#holding = new Holding({
      typeRates: limits.typeRates,
      slots: this.#slots,
      onDue: ({ job }) => this.#logOnce(`a job of "${job.jobtype}" had waited for half of its reservation: started`),
      onChange: () => this.#fetcher.changed(),
    });
    this.#completions = new Completions({
      link,
      lanes: lanes.cold,
      pace: this.#pace,
      onAnswered: (run, failed) => this.#over(run, failed),
      onRefused: (run, text) => this.#refused(run, text),
    });
    this.#fetcher = this.#makeFetcher(link, lanes);
    this.#pulse = this.#makePulse();
    this.#heartbeat = this.#makeHeartbeat();
  }

  #makeFetcher(link: LinkOptions, lanes: LaneBounds): Fetcher {
    return new Fetcher({
      link,
      lanes,
      pace: this.#pace,
      planner: this.#planner,
      slots: this.#slots,
      prefetch: () => this.#limits.prefetch - this.#holding.forSlot,
      answerRoom: () => this.#completions.room,
      backlogged: () => this.#queueWaitMs > backlogMs,
      onJob: (text, plan) => this.#take(text, plan),
      onError: (text) => this.#logOnce(`the job server refuses FETCH: ${text}`),
      onLanes: (count) => this.#completions.resize(count),
      onTurn: () => {
        this.#pace.gathering = this.#pulse.turn(reads.lastMs);
      },
    });
  }

  #makePulse(): Pulse {
    return new Pulse({
      connections: () => [...this.#fetcher.connections(), ...this.#completions.connections()],
      counts: () => ({
        reads: reads.count,
        replies: this.#books.totals.fetched + this.#books.totals.completed + this.#books.totals.failed,
      }),
      worthwhile: () =>
        this.#queueWaitMs > backlogMs &&
        this.#slots.running * 2 < this.#slots.total &&
        this.#fetcher.outstanding + this.#completions.inFlight > manyInFlight,
      onPause: () => {
        this.#pace.paused = true;
      },
      onResume: () => {
        this.#pace.paused = false;
        this.#completions.flush();
      },
    });
  }

  #makeHeartbeat(): Heartbeat {
    return new Heartbeat({
      wid: this.#options.wid,
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

  stop(graceMs: number | null = this.#options.graceMs): Promise<void> {
    if (this.#grace) clearTimeout(this.#grace);
    this.#grace = graceMs === null || this.#answered ? null : setTimeout(() => this.#giveUp(graceMs), graceMs);
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  configure({ slots, queues, limits }: EngineChange): void {
    if (slots !== undefined) {
      this.#slots.total = slots;
      this.#fetcher.resize(boundsOf(this.#options, slots));
    }
    if (queues !== undefined) this.#queues = queues;
    if (limits !== undefined) {
      this.#limits = limits;
      this.#holding.configure(limits.typeRates);
    }
    if (queues !== undefined || limits !== undefined) {
      this.#planner.configure(parseQueues(this.#queues), this.#limits);
      for (const run of [...this.#slots.runs(), ...this.#holding.runs()])
        run.queue ??= this.#planner.adopt(run.job.queue);
    }
    this.#holding.slotFree();
    this.#fetcher.changed();
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
      connected: this.#registered && this.#completions.connection !== null,
      slots: { total: this.#slots.total, running: this.#slots.running },
      held: this.#holding.held,
      connections: this.#fetcher.connections().length + this.#completions.connections().length,
    };
  }

  async #stop(): Promise<void> {
    const quieted = this.quiet();
    this.#state = 'terminate';
    void this.#heartbeat.beat();
    await quieted;
    await this.#holding.idle();
    await this.#slots.idle();
    this.#answered = true;
    if (this.#grace) clearTimeout(this.#grace);
    this.#holding.close();
    this.#slots.close();
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
  #giveUp(graceMs: number): void {
    const reason = new Error(`the worker stopped before the job was done (it waited ${graceMs} ms)`);
    reason.name = 'WorkerStopped';
    this.#slots.refuse(reason);
    this.#holding.release();
  }

  #take(text: string, plan: FetchPlan): void {
    const job = parseJob(text);
    if (job === null) {
      this.#planner.returned(plan);
      this.#logOnce(
        `the job server sent something that is no job, "${text.slice(0, 60)}"; its reservation will end by itself`,
      );
      return;
    }
    if ((this.#books.totals.fetched++ & sampleMask) === 0 && typeof job.enqueued_at === 'string') {
      this.#queueWaitMs = (epochUsAt(reads.lastMs) - parseStampUs(job.enqueued_at)) / 1000;
    }
    const tally = this.#books.tallies.of(job);
    tally?.fetched(job, reads.lastMs);
    const run = new Run(job, tally, reads.lastMs, this.#completions);
    if (this.#planner.constant === null) this.#count(run, plan);
    this.#holding.take(run);
  }

  /** Its queue has one more that runs, and may have brought a job type that is limited. */
  #count(run: Run, plan: FetchPlan): void {
    run.queue = this.#planner.brought(plan, run.job.queue);
    const limit = this.#holding.limitOf(run.job.jobtype);
    if (limit !== null) run.queue?.brings.add(limit);
  }

  #end(run: Run, failed: boolean, thrown: unknown): void {
    run.tally?.ended(run.fetchedMs, run.startedMs, run.endedMs);
    if (failed) run.failLine = `FAIL ${JSON.stringify({ jid: run.job.jid, ...describeFailure(thrown) })}`;
    if (run.queue !== null) run.queue.running--;
    this.#completions.finish(run);
    this.#holding.slotFree();
    this.#fetcher.changed();
  }

  #over(run: Run, failed: boolean): void {
    if (this.#books.wasLate(run.job, reads.lastMs - run.fetchedMs))
      this.#logOnce(`job ${run.job.jid} took longer than its reservation: the job server may have handed it out again`);
    if (failed) this.#books.totals.failed++;
    else this.#books.totals.completed++;
    this.#fetcher.changed();
    if (this.#completions.inFlight === 0 && this.#slots.running === 0) this.onIdle?.();
  }

  #refused(run: Run, text: string): void {
    this.#fetcher.changed();
    this.#logOnce(`the job server refused the end of job ${run.job.jid}: ${text}`);
  }

  #obey(state: WorkerState): void {
    // The server says it with every beat; only the first time starts the grace.
    if (state === 'terminate') this.#stopped ?? void this.stop();
    else if (this.#state === 'running') void this.quiet();
  }

  /** Trouble of one kind tends to repeat for every job or every try; the log gets it once in a row. */
  #logOnce(message: string): void {
    if (message === this.#lastError) return;
    this.#lastError = message;
    this.#options.log(message);
  }
}

function boundsOf(options: WorkerOptions, slots: number): LaneBounds {
  const { connections, idleConnections: idle = usualIdleConnections, lanes: usual = usualLanes } = options;
  return laneBounds({ connections, idle, usual }, slots);
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

// One connection that FETCHes, with as many FETCHes unanswered as its window allows.
// Invariant: `outstanding` is what the server still owes an answer to; a lane that is finished has none.

import {
  type Connection,
  type JobstormError,
  Link,
  type LinkOptions,
  type ReplyKind,
  type ReplySink,
  reads,
} from '@jobstorm/protocol';
import type { FetchPlan, FetchPlanner } from './fetch-plan.ts';
import { FetchWindow } from './fetch-window.ts';

const fetchBlocksMs = 2000;
const spareMs = 10_000;
/** After an error reply, no FETCH for this long. */
const errorPauseMs = 1000;

export interface FetchLaneOptions {
  link: LinkOptions;
  planner: FetchPlanner;
  maxWindow: number;
  /** A job came; `onChange` follows once its slot is known. */
  onJob: (text: string, plan: FetchPlan) => void;
  /** More may be fetched than before. */
  onChange: () => void;
  onError: (text: string) => void;
}

export class FetchLane {
  readonly #options: FetchLaneOptions;
  readonly #link: Link;
  readonly #window: FetchWindow;
  /** What hears the answers, one for each plan. */
  readonly #asks = new WeakMap<FetchPlan, Ask>();
  #lastAsk: Ask | null = null;
  #outstanding = 0;
  #pause: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(options: FetchLaneOptions) {
    this.#options = options;
    this.#window = new FetchWindow(options.maxWindow);
    this.#link = new Link({ ...options.link, onUp: () => options.onChange() });
  }

  set maxWindow(max: number) {
    this.#window.max = max;
  }

  get connection(): Connection | null {
    return this.#link.connection;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** FETCHes that it would send now. */
  get room(): number {
    if (this.#stopping || !this.#link.connection?.open || this.#pause !== null) return 0;
    return Math.max(0, this.#window.size - this.#outstanding);
  }

  /** @throws what `Connection.open` throws */
  start(): Promise<void> {
    return this.#link.start();
  }

  /** As `start`, and goes on trying. */
  startInBackground(): void {
    this.#link.startInBackground();
  }

  /**
   * Sends up to `count` FETCHes, never more than `room`, and says how many: fewer when no queue has room, or none but narrow plans
   * are left and those may not be sent.
   */
  fetch(count: number, narrowToo = true): number {
    const { planner } = this.#options;
    if (this.#outstanding === 0) this.#window.begin(performance.now());
    for (let i = 0; i < count; i++) {
      const plan = planner.next();
      if (plan === null || (plan.narrow && !narrowToo)) return i;
      planner.sent(plan);
      this.#send(plan);
    }
    return count;
  }

  /** Called at the end of a turn in which something came; see `FetchWindow.judge`. */
  judge(nowMs: number, roundTripMs: number, gathering: boolean): void {
    this.#window.judge(nowMs, roundTripMs, gathering);
  }

  /** Fetches no more. Settles when all that was asked for has been answered: no reservation is left with a connection that is gone. */
  async finish(): Promise<void> {
    this.#stopping = true;
    if (this.#pause) clearTimeout(this.#pause);
    await this.#link.stop((connection) => connection.finish());
  }

  #send(plan: FetchPlan): void {
    let ask = this.#lastAsk;
    if (ask === null || ask.plan !== plan) {
      ask = this.#asks.get(plan) ?? new Ask(this, plan);
      this.#asks.set(plan, ask);
      this.#lastAsk = ask;
    }
    this.#outstanding++;
    this.#link.connection!.sendByteText(plan.line, ask, fetchBlocksMs * this.#outstanding + spareMs);
  }

  /** For `Ask` alone: a FETCH was answered. */
  answered(plan: FetchPlan, kind: ReplyKind, text: string): void {
    this.#outstanding--;
    if (kind === 'bulk') {
      this.#window.job(reads.count);
      this.#options.onJob(text, plan);
    } else {
      this.#window.empty(performance.now());
      this.#options.planner.returned(plan);
      if (kind === 'error') this.#refused(text);
    }
    this.#options.onChange();
  }

  /** For `Ask` alone: the connection ended before the answer. */
  unanswered(plan: FetchPlan): void {
    this.#outstanding--;
    this.#window.empty(performance.now());
    this.#options.planner.returned(plan);
  }

  #refused(text: string): void {
    if (this.#stopping) return;
    this.#options.onError(text);
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      this.#options.onChange();
    }, errorPauseMs);
  }
}

/** Hears the answers to all FETCHes of one plan on one lane. */
class Ask implements ReplySink {
  readonly plan: FetchPlan;
  readonly #lane: FetchLane;

  constructor(lane: FetchLane, plan: FetchPlan) {
    this.#lane = lane;
    this.plan = plan;
  }

  onReply(kind: ReplyKind, text: string): void {
    this.#lane.answered(this.plan, kind, text);
  }

  onError(_error: JobstormError): void {
    this.#lane.unanswered(this.plan);
  }
}

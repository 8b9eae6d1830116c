// Feeds the slots from as few connections as suffice.
//
//   cold: the queues are empty. A few lanes, one blocking FETCH each, the next when it is answered.
//     │  jobs come as fast as they are asked for, or from a backlog while slots are free
//     ▼
//   hot:  the usual lanes open; they fill their windows, the first lane first; windows deepen while answers come fast (fetch-window.ts), more lanes open
//     │   while slots are free and it pays (lane-count.ts), and reads are gathered (pulse.ts)
//     ├── slots full, or the server behind with ACKs: nothing is fetched until one is free
//     │  a FETCH comes back empty: its lane's window is 1 again; no job for some seconds: the extra lanes finish
//     ▼
//   cold …                                        finish(), from anywhere: all lanes finish, and what still comes is taken
//
// Invariant: FETCHes unanswered + jobs running never go above the slots and the prefetch, so every job that comes finds one free or
// is meant to wait; and nothing is fetched while the server is behind with answering ACKs, so what it holds for us stays bounded.

import { type Connection, type LinkOptions, reads } from '@jobstorm/protocol';
import { FetchLane } from './fetch-lane.ts';
import type { FetchPlan, FetchPlanner } from './fetch-plan.ts';
import { type LaneBounds, LaneCount } from './lane-count.ts';
import type { Pace } from './pace.ts';

export interface FetcherOptions {
  link: LinkOptions;
  lanes: LaneBounds;
  planner: FetchPlanner;
  slots: { readonly total: number; readonly running: number };
  /** Jobs that may come beyond the free slots; below 0 while some of them wait already. */
  prefetch: () => number;
  /** How many more ACKs the server can be given before it is behind with answering them. */
  answerRoom: () => number;
  /** Jobs that came lately had waited in their queue. */
  backlogged: () => boolean;
  onJob: (text: string, plan: FetchPlan) => void;
  onError: (text: string) => void;
  /** So many lanes are to be open from now on. */
  onLanes: (count: number) => void;
  pace: Pace;
  /** Called after each turn in which something came. */
  onTurn: () => void;
}

export class Fetcher {
  readonly #options: FetcherOptions;
  #maxWindow: number;
  readonly #count: LaneCount;
  readonly #lanes: FetchLane[];
  /** Those that finish; they may still bring jobs. */
  readonly #finishing = new Set<FetchLane>();
  #fetched = 0;
  #filling = false;
  #stopping = false;
  /** Until a queue's rate lets it be fetched from again. */
  #wait: NodeJS.Timeout | null = null;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#count = new LaneCount(options.lanes);
    this.#maxWindow = this.#maxWindowOf(options.lanes);
    this.#lanes = Array.from({ length: this.#count.wanted }, () => this.#newLane());
  }

  /** FETCHes sent and not answered. */
  get outstanding(): number {
    let sum = 0;
    for (const lane of this.#lanes) sum += lane.outstanding;
    for (const lane of this.#finishing) sum += lane.outstanding;
    return sum;
  }

  connections(): Connection[] {
    return [...this.#lanes, ...this.#finishing].flatMap((lane) => (lane.connection ? [lane.connection] : []));
  }

  /** @throws what `Connection.open` throws */
  async start(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.start()));
    this.changed();
  }

  /** There are other slots from now on. */
  resize(lanes: LaneBounds): void {
    this.#count.bounds = lanes;
    this.#maxWindow = this.#maxWindowOf(lanes);
    for (const lane of this.#lanes) lane.maxWindow = this.#maxWindow;
    this.changed();
  }

  #maxWindowOf({ usual }: LaneBounds): number {
    return Math.ceil(this.#options.slots.total / usual);
  }

  /** A slot is free, an ACK was answered or a lane is ready: fill up at the end of this turn. */
  changed(): void {
    if (this.#filling) return;
    this.#filling = true;
    // After the handlers of the jobs that came in the same chunk, so that their slots count as free.
    queueMicrotask(() => this.#fill());
  }

  /** Fetches no more; settles when nothing is outstanding and the connections have ended. */
  async finish(): Promise<void> {
    this.#stopping = true;
    if (this.#wait) clearTimeout(this.#wait);
    await Promise.all([...this.#lanes, ...this.#finishing].map((lane) => lane.finish()));
  }

  #newLane(): FetchLane {
    return new FetchLane({
      link: this.#options.link,
      planner: this.#options.planner,
      maxWindow: this.#maxWindow,
      onJob: (text, plan) => {
        this.#fetched++;
        this.#options.onJob(text, plan);
      },
      onError: this.#options.onError,
      onChange: () => this.changed(),
    });
  }

  #fill(): void {
    this.#filling = false;
    this.#options.onTurn();
    if (this.#stopping) return;
    const { slots, prefetch, answerRoom, pace } = this.#options;
    let free = Math.min(slots.total + prefetch() - slots.running - this.outstanding, answerRoom());
    // The first lanes first: where few slots are free at a time, few lanes are used, and each write takes more.
    const last = this.#lanes.length - 1;
    let planless = false;
    for (let i = 0; i <= last; i++) {
      const lane = this.#lanes[i]!;
      lane.judge(reads.lastMs, pace.roundTripMs, pace.gathering);
      const take = Math.min(lane.room, free);
      if (take <= 0 || planless) continue;
      // A FETCH that leaves out a queue may block for as long as any: one lane is kept for when that queue has room again.
      const sent = lane.fetch(take, i < last || last === 0);
      free -= sent;
      planless = sent < take;
    }
    if (planless) this.#waitForRate();
    this.#count.turn({
      nowMs: reads.lastMs,
      jobs: this.#fetched,
      starved: free > 0 && !planless,
      backlogged: this.#options.backlogged(),
      roundTripMs: pace.roundTripMs,
    });
    if (this.#count.wanted !== this.#lanes.length) this.#open(this.#count.wanted);
  }

  #open(wanted: number): void {
    while (this.#lanes.length < wanted) {
      const lane = this.#newLane();
      this.#lanes.push(lane);
      lane.startInBackground();
    }
    for (const lane of this.#lanes.splice(wanted)) {
      this.#finishing.add(lane);
      void lane.finish().then(() => this.#finishing.delete(lane));
    }
    this.#options.onLanes(wanted);
  }

  /** Every queue left is out of slots or tokens: slots tell when they are free, tokens have to be waited for. */
  #waitForRate(): void {
    const waitMs = this.#options.planner.waitMs();
    if (this.#wait || waitMs === Number.POSITIVE_INFINITY) return;
    this.#wait = setTimeout(
      () => {
        this.#wait = null;
        this.changed();
      },
      Math.max(1, Math.ceil(waitMs)),
    );
  }
}

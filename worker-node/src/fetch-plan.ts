// Which queues the next FETCH names, so that no more comes of a queue than may run.
//
//   FETCH a b c ──▶ asked of a, b, c + 1 ──job of b──▶ asked of all - 1, running of b + 1 ──over──▶ running of b - 1
//                                         └─nothing──▶ asked of all - 1
//
// A FETCH may bring a job of any queue that it names, so it counts against the room of them all until it is answered.
// Invariant: for every queue, asked + running never go above its slots, nor asked above the tokens of its rate, nor above what the
// job types that it is known to bring can hold. A queue without room is left out; with none left there is no FETCH.
//
// Without weights and limits there is one plan, and nothing is counted. What is said about queues may change while FETCHes are out:
// queues keep their counts, and what was asked before counts as it was asked.

import { toByteText } from '@jobstorm/protocol';
import { QueueOrder } from './queue-order.ts';
import type { QueueLimits, QueueSpec } from './queue-rules.ts';
import { TokenBucket } from './token-bucket.ts';
import type { TypeLimit } from './type-limit.ts';

export interface QueueState {
  readonly name: string;
  slots: number;
  bucket: TokenBucket | null;
  /** Limited job types that came from it. */
  readonly brings: Set<TypeLimit>;
  asked: number;
  running: number;
}

export interface FetchPlan {
  /** The command, byte text. */
  readonly line: string;
  /** The queues it names, when they are counted. */
  readonly queues: readonly QueueState[];
  /** It leaves a queue out. */
  readonly narrow: boolean;
}

export class FetchPlanner {
  readonly #random: (() => number) | undefined;
  readonly #now: () => number;
  #constant: FetchPlan | null = null;
  #order!: QueueOrder;
  #states: QueueState[] = [];
  readonly #byName = new Map<string, QueueState>();
  /** By the queues' indices in order: there are few. */
  readonly #plans = new Map<string, FetchPlan>();

  constructor(queues: readonly QueueSpec[], limits: QueueLimits, random?: () => number, now = () => performance.now()) {
    this.#random = random;
    this.#now = now;
    this.configure(queues, limits);
  }

  /** The only plan there is; null when each FETCH gets its own. */
  get constant(): FetchPlan | null {
    return this.#constant;
  }

  /** From the next FETCH on. */
  configure(queues: readonly QueueSpec[], limits: QueueLimits): void {
    const nowMs = this.#now();
    this.#order = new QueueOrder(queues, this.#random);
    this.#plans.clear();
    this.#states = queues.map(({ name }) => {
      const state = this.#stateOf(name);
      const rate = limits.queueRates[name];
      state.slots = limits.queueSlots[name] ?? Number.POSITIVE_INFINITY;
      state.bucket = rate === undefined ? null : new TokenBucket(rate, nowMs);
      state.brings.clear();
      return state;
    });
    const { queueSlots, queueRates, typeRates } = limits;
    const limited = [queueSlots, queueRates, typeRates].some((values) => Object.keys(values).length > 0);
    const uncounted = !limited && !this.#order.weighted;
    this.#constant = uncounted ? { line: lineOf(this.#states), queues: [], narrow: false } : null;
  }

  /** What the next FETCH is; null: no queue has room. */
  next(): FetchPlan | null {
    if (this.#constant) return this.#constant;
    const nowMs = this.#now();
    const order = this.#order.draw((index) => roomOf(this.#states[index]!, nowMs) >= 1);
    if (order.length === 0) return null;
    const key = order.join();
    const known = this.#plans.get(key);
    if (known) return known;
    const queues = order.map((index) => this.#states[index]!);
    const plan = { line: lineOf(queues), queues, narrow: queues.length < this.#states.length };
    // Weighted orders of many queues are too many to keep.
    if (this.#plans.size < 1000) this.#plans.set(key, plan);
    return plan;
  }

  sent(plan: FetchPlan): void {
    for (const state of plan.queues) state.asked++;
  }

  /** It came back without a job, or never. */
  returned(plan: FetchPlan): void {
    for (const state of plan.queues) state.asked--;
  }

  /** It brought a job of that queue. Gives the queue whose `running` ends with the job; null: nothing is counted. */
  brought(plan: FetchPlan, queue: string | undefined): QueueState | null {
    this.returned(plan);
    const state = this.adopt(queue);
    state?.bucket?.force(this.#now());
    return state;
  }

  /** A job that runs already counts from now on. Gives its queue, as `brought` does; null: nothing is counted. */
  adopt(queue: string | undefined): QueueState | null {
    if (this.#constant) return null;
    const state = this.#stateOf(queue ?? 'default');
    state.running++;
    return state;
  }

  /**
   * Until a queue that is out of tokens has one again, in milliseconds; infinite: none is, or FETCHes that are out have all that there
   * can be, so that their answers are what to wait for.
   */
  waitMs(): number {
    const nowMs = this.#now();
    let leastMs = Number.POSITIVE_INFINITY;
    for (const { bucket, asked } of this.#states) {
      if (bucket && bucket.available(nowMs) <= asked) leastMs = Math.min(leastMs, bucket.waitMs(nowMs, asked + 1));
    }
    return leastMs;
  }

  #stateOf(name: string): QueueState {
    let state = this.#byName.get(name);
    if (state === undefined) {
      const slots = Number.POSITIVE_INFINITY;
      state = { name, slots, bucket: null, brings: new Set(), asked: 0, running: 0 };
      this.#byName.set(name, state);
    }
    return state;
  }
}

function roomOf({ slots, bucket, brings, asked, running }: QueueState, nowMs: number): number {
  let room = slots - running - asked;
  if (bucket && room >= 1) room = Math.min(room, bucket.available(nowMs) - asked);
  for (const limit of brings) room = Math.min(room, limit.maxHeld - limit.held - asked);
  return room;
}

function lineOf(queues: readonly QueueState[]): string {
  return toByteText(`FETCH ${queues.map(({ name }) => name).join(' ')}`);
}

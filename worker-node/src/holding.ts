// Jobs that have come and may not start yet: their type's rate says later, or, prefetched, they wait for a slot.
//
//   came ──type has a token──▶ slot free ──▶ started
//     │ none                      │ none free (prefetch)
//     ▼                           ▼
//   [held by type] ──token──▶ [held for a slot] ──slot free──▶ started
//
// Invariant: none is dropped, and none waits past half of its reservation: then it starts, whatever the limit, since its ACK would
// come too late otherwise. With neither prefetch nor a type's rate nothing is ever held.

import type { Run } from './run.ts';
import { RunLine } from './run-line.ts';
import { dueMs, isDue, TypeLimit } from './type-limit.ts';

/** Longest sleep of the timer; it looks again then. */
const longestWaitMs = 60_000;

export interface HoldingOptions {
  /** Jobs a second by job type. */
  typeRates: Readonly<Record<string, number>>;
  slots: { readonly total: number; readonly running: number; start(run: Run): void };
  /** A held run was started although its limit said later. */
  onDue: (run: Run) => void;
  /** Fewer are held than before. */
  onChange: () => void;
}

export class Holding {
  readonly #options: HoldingOptions;
  #limits: Map<string, TypeLimit>;
  readonly #forSlot = new RunLine();
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = 0;
  #starting = false;
  #idle: (() => void)[] = [];

  constructor(options: HoldingOptions) {
    this.#options = options;
    this.#limits = limitsOf(options.typeRates);
  }

  /** Runs that wait for a slot. */
  get forSlot(): number {
    return this.#forSlot.length;
  }

  /** Runs that wait for anything. */
  get held(): number {
    let sum = this.#forSlot.length;
    for (const limit of this.#limits.values()) sum += limit.held;
    return sum;
  }

  /** All that are held. */
  runs(): Run[] {
    return [...this.#forSlot.runs(), ...[...this.#limits.values()].flatMap((limit) => limit.runs())];
  }

  /** The limit that holds for a job type; null: none. */
  limitOf(jobtype: string): TypeLimit | null {
    return this.#limits.get(jobtype) ?? null;
  }

  /** Starts a run that came, or holds it. */
  take(run: Run): void {
    const limit = this.#limits.size === 0 ? null : this.limitOf(run.job.jobtype);
    if (limit !== null && (limit.held > 0 || !limit.bucket.take(run.fetchedMs))) {
      limit.hold(run);
      this.#arm();
    } else this.#startOrHold(run);
  }

  /** A slot is free: who waits for one gets it. */
  slotFree(): void {
    // Called again from within by every run that ends at once.
    if (this.#forSlot.length === 0 || this.#starting) return;
    this.#starting = true;
    const { slots } = this.#options;
    while (this.#forSlot.length > 0 && slots.running < slots.total) slots.start(this.#forSlot.shift()!);
    this.#starting = false;
    this.#checkIdle();
  }

  /** Other rates from now on; what is held comes under them, those who waited longest first. */
  configure(typeRates: Readonly<Record<string, number>>): void {
    const held = this.#heldByType();
    this.#limits = limitsOf(typeRates);
    for (const run of held) this.take(run);
  }

  /** Starts all at once: the slots refuse what comes now, and so every one is answered for. */
  release(): void {
    for (const run of [...this.#forSlot.takeAll(), ...this.#heldByType()]) this.#options.slots.start(run);
    this.#arm();
    this.#checkIdle();
  }

  /** Settles when nothing is held. */
  idle(): Promise<void> {
    if (this.held === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Looks no more; to be called when nothing is held, for good. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #startOrHold(run: Run): void {
    const { slots } = this.#options;
    if (slots.running < slots.total) slots.start(run);
    else {
      this.#forSlot.push(run);
      this.#arm();
    }
  }

  /** Something may have come due. */
  #look(): void {
    const nowMs = performance.now();
    for (const limit of this.#limits.values()) {
      for (let run = limit.next(nowMs); run; run = limit.next(nowMs)) {
        if (isDue(run, nowMs)) this.#startDue(run);
        else this.#startOrHold(run);
      }
    }
    while (this.#forSlot.length > 0 && isDue(this.#forSlot.first!, nowMs)) this.#startDue(this.#forSlot.shift()!);
    this.#arm();
    this.#options.onChange();
    this.#checkIdle();
  }

  #startDue(run: Run): void {
    this.#options.onDue(run);
    this.#options.slots.start(run);
  }

  #heldByType(): Run[] {
    const runs: Run[] = [];
    for (const limit of this.#limits.values()) runs.push(...limit.takeAll());
    return runs;
  }

  #arm(): void {
    const nowMs = performance.now();
    let waitMs = Number.POSITIVE_INFINITY;
    for (const limit of this.#limits.values()) waitMs = Math.min(waitMs, limit.waitMs(nowMs));
    if (this.#forSlot.length > 0) waitMs = Math.min(waitMs, dueMs(this.#forSlot.first!) - nowMs);
    const atMs = nowMs + Math.min(longestWaitMs, Math.max(1, Math.ceil(waitMs)));
    if (this.#timer) {
      if (waitMs !== Number.POSITIVE_INFINITY && this.#timerAtMs <= atMs) return;
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#look();
    }, atMs - nowMs);
  }

  #checkIdle(): void {
    if (this.#idle.length === 0 || this.held > 0) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}

function limitsOf(typeRates: Readonly<Record<string, number>>): Map<string, TypeLimit> {
  const nowMs = performance.now();
  return new Map(Object.entries(typeRates).map(([type, rate]) => [type, new TypeLimit(type, rate, nowMs)]));
}

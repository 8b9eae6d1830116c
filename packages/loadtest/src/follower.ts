// Decides when a run is over. Pure: it is told what is known, with the time, and answers.
//
//   going ──▶ complete      every accepted job was acknowledged or failed for good
//         ├─▶ nothingLeft   the job server holds no job any more, yet some are missing: they will not come
//         ├─▶ outOfPatience nothing moved for `patienceMs`
//         ├─▶ workersGone   the run's own workers ended, and no other one is there
//         └─▶ interrupted
//
// Invariant: the answer never goes back from an end, and while jobs are still being submitted only the last three ends can come.

export type RunEnd = 'complete' | 'nothingLeft' | 'outOfPatience' | 'workersGone' | 'interrupted';

export interface Progress {
  /** Every job was sent and answered for, or will not be sent. */
  submitted: boolean;
  accepted: number;
  completed: number;
  failed: number;
  retried: number;
  /** Jobs that the server holds in any state that could still bring one of this run; null: not known. */
  held: number | null;
  /** Somebody is there to run jobs; null: not known. */
  workers: number | null;
  interrupted: boolean;
}

export interface FollowerOptions {
  patienceMs: number;
  /** A failed handler run is the end of its job (retry 0). */
  failureIsFinal: boolean;
  /** How long the server must hold nothing before missing jobs are given up: snapshots of the last ACKs are on their way. */
  settleMs?: number;
  /** How long without any worker before the run is given up; Infinity when workers are someone else's. */
  workerGraceMs?: number;
}

export class Follower {
  readonly #options: Required<FollowerOptions>;
  #signature = '';
  #movedAtMs: number | null = null;
  #emptySinceMs: number | null = null;
  #workerlessSinceMs: number | null = null;
  #end: RunEnd | null = null;

  constructor(options: FollowerOptions) {
    this.#options = { settleMs: 3000, workerGraceMs: Number.POSITIVE_INFINITY, ...options };
  }

  /** null while the run goes on. `nowMs` never goes back. */
  observe(progress: Progress, nowMs: number): RunEnd | null {
    this.#end ??= this.#judge(progress, nowMs);
    return this.#end;
  }

  /** When something last moved, in the clock that `observe` was given; null before the first call. */
  get movedAtMs(): number | null {
    return this.#movedAtMs;
  }

  #judge(p: Progress, nowMs: number): RunEnd | null {
    if (p.interrupted) return 'interrupted';
    const ended = p.completed + (this.#options.failureIsFinal ? p.failed : 0);
    if (p.submitted && ended >= p.accepted) return 'complete';

    const signature = `${p.accepted} ${p.completed} ${p.failed} ${p.retried}`;
    if (signature !== this.#signature || this.#movedAtMs === null) {
      this.#signature = signature;
      this.#movedAtMs = nowMs;
      this.#emptySinceMs = null;
    }
    this.#workerlessSinceMs = p.workers === 0 ? (this.#workerlessSinceMs ?? nowMs) : null;
    if (this.#workerlessSinceMs !== null && nowMs - this.#workerlessSinceMs >= this.#options.workerGraceMs) {
      return 'workersGone';
    }
    this.#emptySinceMs = p.submitted && p.held === 0 ? (this.#emptySinceMs ?? nowMs) : null;
    if (this.#emptySinceMs !== null && nowMs - this.#emptySinceMs >= this.#options.settleMs) return 'nothingLeft';
    return nowMs - this.#movedAtMs >= this.#options.patienceMs ? 'outOfPatience' : null;
  }
}

// What an engine keeps account of, and how it tells: the same for both, so that what is compared is the same measure.

import type { Job } from '@jobstorm/protocol';
import { epochUs, measureUsage, type Phases, type WorkerSnapshot } from '@jobstorm/telemetry';
import type { WorkerStatus } from './engine.ts';
import { type JobType, tallyTypes } from './job-type.ts';
import { Tallies } from './tally.ts';

/** Reservations are never shorter, and this long unless the job says otherwise, in milliseconds. */
const leastReservationMs = 60_000;
const usualReservationMs = 1_800_000;

/** What only the engine itself knows at this moment. */
export type Live = Pick<WorkerSnapshot, 'state' | 'connected' | 'slots' | 'connections' | 'held'>;

export interface BooksOptions {
  live: () => Live;
  types: () => Iterable<JobType>;
}

export class Books {
  readonly tallies = new Tallies();
  readonly totals = { fetched: 0, completed: 0, failed: 0, late: 0 };
  readonly #options: BooksOptions;

  constructor(options: BooksOptions) {
    this.#options = options;
  }

  status(): WorkerStatus {
    return {
      type: 'worker',
      sentAtUs: epochUs(),
      ...this.#options.live(),
      totals: { ...this.totals },
      usage: measureUsage(),
    };
  }

  /**
   * A job's end was answered so long after it came. True, and counted: its reservation had ended before, so the job server may have
   * handed it to another worker, and takes an ACK that comes too late as if nothing was wrong.
   */
  wasLate(job: Job, heldMs: number): boolean {
    if (heldMs <= leastReservationMs) return false;
    const reservedMs = job.reserve_for ? Math.max(leastReservationMs, job.reserve_for * 1000) : usualReservationMs;
    if (heldMs <= reservedMs) return false;
    this.totals.late++;
    return true;
  }

  /** Histograms over all runs that it has seen. */
  phases(): Phases {
    return this.tallies.phases();
  }

  /** `complete`: with every ledger page rather than the changed ones. */
  snapshot(complete: boolean): WorkerSnapshot {
    const jobTypes = tallyTypes(this.#options.types());
    return { ...this.status(), jobTypes, runs: this.tallies.messages(complete) };
  }
}

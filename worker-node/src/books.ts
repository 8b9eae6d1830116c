// What an engine keeps account of, and how it tells: the same for both, so that what is compared is the same measure.

import { epochUs, measureUsage, type Phases, type WorkerSnapshot } from '@jobstorm/telemetry';
import type { WorkerStatus } from './engine.ts';
import { type JobType, tallyTypes } from './job-type.ts';
import { Tallies } from './tally.ts';

/** What only the engine itself knows at this moment. */
export type Live = Pick<WorkerSnapshot, 'state' | 'connected' | 'slots' | 'connections' | 'held'>;

export interface BooksOptions {
  live: () => Live;
  types: () => Iterable<JobType>;
}

export class Books {
  readonly tallies = new Tallies();
  readonly totals = { fetched: 0, completed: 0, failed: 0 };
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

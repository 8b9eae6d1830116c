// What this process saw of each run: counts, histograms, the ledger of sequence numbers. Jobs carry their run in
// `custom: {run, seq, due}` (due: epoch microseconds); jobs without it are counted in the totals alone. A run whose jobs say `record: 0`
// keeps its counts, its ledger and its rate, and no histograms: what is left is what a run can't be judged without.

import type { Job } from '@jobstorm/protocol';
import {
  epochUsAt,
  Histogram,
  Ledger,
  type Phases,
  RateCounter,
  type RunTally as RunTallyMessage,
} from '@jobstorm/telemetry';
import { parseStampUs } from './timestamp.ts';

/** Runs kept; the one that was idle longest makes room. A worker rarely sees more than one at a time. */
const maxRuns = 8;

const ownPhases = ['fireLag', 'queueWait', 'dispatch', 'service', 'ack', 'endToEnd'] as const;
type PhaseSums = Record<(typeof ownPhases)[number], Histogram>;

function noPhases(): PhaseSums {
  return Object.fromEntries(ownPhases.map((name) => [name, new Histogram()])) as PhaseSums;
}

export class RunTally {
  readonly run: string;
  /** Its jobs are timed. */
  readonly recording: boolean;
  readonly #ledger = new Ledger();
  readonly #series = new RateCounter();
  readonly #fireLag = new Histogram();
  readonly #queueWait = new Histogram();
  readonly #dispatch = new Histogram();
  readonly #service = new Histogram();
  readonly #ack = new Histogram();
  readonly #endToEnd = new Histogram();
  /** What the control room has been told of them; null: nothing yet. */
  #told: PhaseSums | null = null;
  #failed = 0;
  #retried = 0;
  #firstFetchUs = 0;
  #lastAckUs = 0;

  constructor(run: string, recording = true) {
    this.run = run;
    this.recording = recording;
  }

  /** A job arrived; times in `performance.now()` milliseconds. */
  fetched(job: Job, fetchedMs: number): void {
    if (this.#firstFetchUs === 0) this.#firstFetchUs = epochUsAt(fetchedMs);
    if (job.failure !== undefined) this.#retried++;
    if (!this.recording) return;
    const fetchedUs = epochUsAt(fetchedMs);
    if (typeof job.enqueued_at === 'string') {
      const enqueuedUs = parseStampUs(job.enqueued_at);
      if (enqueuedUs > 0) this.#queueWait.record(fetchedUs - enqueuedUs);
    }
    if (job.at !== undefined && job.failure === undefined) this.#fired(job.at, fetchedUs);
  }

  #fired(at: unknown, fetchedUs: number): void {
    const atUs = typeof at === 'string' ? parseStampUs(at) : Number.NaN;
    if (atUs > 0) this.#fireLag.record(fetchedUs - atUs);
  }

  /** Its handler ended, well or not. */
  ended(fetchedMs: number, startedMs: number, endedMs: number): void {
    if (!this.recording) return;
    this.#dispatch.record((startedMs - fetchedMs) * 1000);
    this.#service.record((endedMs - startedMs) * 1000);
  }

  /** Its ACK was answered. */
  completed(job: Job, endedMs: number, ackedMs: number): void {
    const ackedUs = epochUsAt(ackedMs);
    // Anybody may push a job: an object in place of a number can throw when it is taken for one.
    const { seq, due } = job.custom as { seq: unknown; due: unknown };
    this.#lastAckUs = ackedUs;
    if (this.recording) this.#ack.record((ackedMs - endedMs) * 1000);
    if (!this.#ledger.mark(typeof seq === 'number' ? seq : Number.NaN)) return;
    this.#series.add(ackedUs);
    if (this.recording && typeof due === 'number' && due > 0) this.#endToEnd.record(ackedUs - due);
  }

  /** Its FAIL was answered. */
  failed(): void {
    this.#failed++;
  }

  /** Adds its histograms to those. */
  addTo(sums: PhaseSums): void {
    for (const name of ownPhases) sums[name].merge(this.#of(name));
  }

  #of(phase: (typeof ownPhases)[number]): Histogram {
    switch (phase) {
      case 'fireLag':
        return this.#fireLag;
      case 'queueWait':
        return this.#queueWait;
      case 'dispatch':
        return this.#dispatch;
      case 'service':
        return this.#service;
      case 'ack':
        return this.#ack;
      case 'endToEnd':
        return this.#endToEnd;
    }
  }

  /** Whole the first time and when asked for; then only what changed since it was told. */
  #phases(complete: boolean): Phases {
    if (!this.recording) return {};
    const whole = complete || this.#told === null;
    this.#told ??= noPhases();
    const phases: Phases = {};
    for (const name of ownPhases) {
      const histogram = this.#of(name);
      const changes = histogram.changesSince(this.#told[name]);
      if (name !== 'fireLag' || histogram.count > 0) phases[name] = whole ? histogram.toJSON() : changes;
    }
    return phases;
  }

  /** As the control room gets it; `complete`: with every ledger page and bucket rather than the changed ones. */
  message(complete: boolean): RunTallyMessage {
    const changed = this.#ledger.changedPages();
    return {
      run: this.run,
      completed: this.#ledger.count,
      failed: this.#failed,
      retried: this.#retried,
      duplicated: this.#ledger.duplicated,
      unexpected: this.#ledger.unexpected,
      firstFetchUs: this.#firstFetchUs,
      lastAckUs: this.#lastAckUs,
      phases: this.#phases(complete),
      series: this.#series.toJSON(),
      pages: complete ? this.#ledger.allPages() : changed,
    };
  }
}

/** The tallies of all runs that this process has seen lately. */
export class Tallies {
  readonly #runs = new Map<string, RunTally>();
  /** Of runs that made room, so that sums over all never fall. */
  readonly #gone = noPhases();
  /** The run of the job before is nearly always the next one's too. */
  #last: RunTally | null = null;

  /** The tally that a job belongs to; null when it belongs to no run. */
  of(job: Job): RunTally | null {
    const run = job.custom?.run;
    if (typeof run !== 'string') return null;
    if (this.#last !== null && this.#last.run === run) return this.#last;
    const tally = this.#runs.get(run) ?? new RunTally(run, job.custom?.record !== 0);
    // Last used, last in order.
    this.#runs.delete(run);
    this.#runs.set(run, tally);
    if (this.#runs.size > maxRuns) this.#forgetOldest();
    this.#last = tally;
    return tally;
  }

  /** Over all runs. */
  phases(): Phases {
    const sums = noPhases();
    for (const name of ownPhases) sums[name].merge(this.#gone[name]);
    for (const tally of this.#runs.values()) tally.addTo(sums);
    return Object.fromEntries(ownPhases.map((name) => [name, sums[name].toJSON()]));
  }

  #forgetOldest(): void {
    const [run, tally] = this.#runs.entries().next().value!;
    tally.addTo(this.#gone);
    this.#runs.delete(run);
  }

  messages(complete: boolean): RunTallyMessage[] {
    return [...this.#runs.values()].map((tally) => tally.message(complete));
  }
}

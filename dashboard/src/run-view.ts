// One run merged over its workers, at one moment: it does not change after it was made.

import { Histogram, Ledger, type Phase, type RateSeries, type SeqRange } from '@jobstorm/telemetry';
import type { RunData, RunPart } from './view.ts';

export class RunView {
  readonly run: string;
  /** Different sequence numbers acknowledged. */
  readonly completed: number;
  /** Acknowledgements beyond the first of a sequence number, within a worker and between them. */
  readonly duplicated: number;
  readonly failed: number;
  readonly retried: number;
  /** Jobs of the run without a possible sequence number; those with one past its end: `countFrom(total)`. */
  readonly unexpected: number;
  readonly firstFetchUs: number | null;
  readonly lastAckUs: number | null;
  /** Who took part, also those that have gone. */
  readonly parts: readonly RunPart[];
  /** Merged; a phase that nobody recorded is not there. */
  readonly phases: Partial<Record<Phase, Histogram>>;
  readonly series: RateSeries;
  readonly #data: RunData;
  readonly #ledger = new Ledger();

  /** @throws RangeError when the data can't be a run's */
  constructor(data: RunData) {
    this.#data = data;
    this.run = data.run;
    this.duplicated = data.duplicated;
    this.failed = data.failed;
    this.retried = data.retried;
    this.unexpected = data.unexpected;
    this.firstFetchUs = data.firstFetchUs;
    this.lastAckUs = data.lastAckUs;
    this.parts = data.parts;
    this.series = data.series;
    this.phases = {};
    for (const [phase, histogram] of Object.entries(data.phases)) {
      this.phases[phase as Phase] = Histogram.fromJSON(histogram);
    }
    for (const page of data.pages) this.#ledger.mergePage(page);
    this.completed = this.#ledger.count;
  }

  /** True when that sequence number was acknowledged. */
  has(seq: number): boolean {
    return this.#ledger.has(seq);
  }

  /** The sequence numbers of 0 … total-1 that were not acknowledged, ascending; at most `limit` ranges. */
  missing(total: number, limit?: number): SeqRange[] {
    return this.#ledger.missing(total, limit);
  }

  /** How many of 0 … total-1 were not acknowledged. */
  missingCount(total: number): number {
    return total - (this.completed - this.countFrom(total));
  }

  /** Acknowledged jobs whose sequence number is `total` or more: not the run's own. */
  countFrom(total: number): number {
    return this.#ledger.countFrom(total);
  }

  toJSON(): RunData {
    return this.#data;
  }
}

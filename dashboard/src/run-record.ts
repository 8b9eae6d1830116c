// What the control room knows of one run: each worker's latest tally and ledger, and the union of the ledgers.
// Invariants: `union` holds exactly the bits of all parts' ledgers, so what the parts hold beyond it was done by two of them; `merged`
// holds the sum of all parts' histograms, brought up to date by what is new in each snapshot, so that asking costs no merging.
// A part that has gone keeps its tally: what it did, it did.

import { Histogram, Ledger, mergeRateSeries, type Phase, type Phases, type RunTally } from '@jobstorm/telemetry';
import type { LatencyUs, RunCounts, RunData, RunPart, RunPulse, RunSummary } from './view.ts';

interface PartRun {
  tally: Omit<RunTally, 'pages' | 'phases'>;
  /** The tally's. */
  phases: Map<Phase, Histogram>;
  ledger: Ledger;
}

/** Looks up what a run's view says of a part beyond its tally. */
export type DescribePart = (id: string) => Omit<RunPart, 'id' | 'completed' | 'failed'>;

export class RunRecord {
  readonly run: string;
  readonly #parts = new Map<string, PartRun>();
  readonly #union = new Ledger();
  readonly #merged = new Map<Phase, Histogram>();
  #summary: RunSummary | null = null;

  constructor(run: string) {
    this.run = run;
  }

  get partIds(): Iterable<string> {
    return this.#parts.keys();
  }

  hasPart(id: string): boolean {
    return this.#parts.has(id);
  }

  /** Takes a part's latest tally; it is valid (see message.ts). True when that changed a count. */
  update(id: string, { pages, phases, ...tally }: RunTally): boolean {
    let part = this.#parts.get(id);
    if (part === undefined) {
      part = { tally, phases: new Map(), ledger: new Ledger() };
      this.#parts.set(id, part);
      this.#summary = null;
    }
    const before = part.tally;
    let fresh = 0;
    for (const page of pages) {
      // The union first: it is the first to be full, and what it refuses must not count as done by two parts.
      this.#union.mergePage(page);
      fresh += part.ledger.mergePage(page);
    }
    part.tally = tally;
    this.#advance(part.phases, phases);
    const changed = fresh > 0 || before === tally || !sameCounts(before, tally);
    if (changed) this.#summary = null;
    return changed;
  }

  counts(): RunCounts {
    let inLedgers = 0;
    const sum = { duplicated: 0, failed: 0, retried: 0, unexpected: 0 };
    let firstFetchUs = Number.POSITIVE_INFINITY;
    let lastAckUs = 0;
    for (const { tally, ledger } of this.#parts.values()) {
      inLedgers += ledger.count;
      sum.duplicated += tally.duplicated;
      sum.failed += tally.failed;
      sum.retried += tally.retried;
      sum.unexpected += tally.unexpected ?? 0;
      // 0 says that the worker has not fetched or acknowledged a job of this run yet.
      if (tally.firstFetchUs > 0) firstFetchUs = Math.min(firstFetchUs, tally.firstFetchUs);
      lastAckUs = Math.max(lastAckUs, tally.lastAckUs);
    }
    return {
      run: this.run,
      completed: this.#union.count,
      ...sum,
      duplicated: sum.duplicated + inLedgers - this.#union.count,
      firstFetchUs: Number.isFinite(firstFetchUs) ? firstFetchUs : null,
      lastAckUs: lastAckUs > 0 ? lastAckUs : null,
    };
  }

  #advance(own: PartRun['phases'], phases: Phases): void {
    for (const [name, data] of Object.entries(phases)) {
      const phase = name as Phase;
      const [part, sum] = [own.get(phase) ?? new Histogram(), this.#merged.get(phase) ?? new Histogram()];
      part.advance(data, sum);
      own.set(phase, part);
      this.#merged.set(phase, sum);
    }
  }

  /** Made once for each change, however many ask. */
  summary(): RunSummary {
    if (this.#summary) return this.#summary;
    const latencyUs: Partial<Record<Phase, LatencyUs>> = {};
    for (const [phase, histogram] of this.#merged) {
      if (histogram.count > 0) latencyUs[phase] = latencyOf(histogram);
    }
    this.#summary = { ...this.counts(), parts: this.#parts.size, latencyUs };
    return this.#summary;
  }

  pulse(): RunPulse {
    const [endToEnd, service, ack] = (['endToEnd', 'service', 'ack'] as const).map((phase) => this.#merged.get(phase));
    return {
      ...this.counts(),
      endToEnd: endToEnd?.toJSON() ?? null,
      service: service ? { sumUs: service.mean * service.count, count: service.count } : null,
      roundTripUs: ack && ack.count > 0 ? ack.percentile(1) : null,
    };
  }

  data(describe: DescribePart): RunData {
    const phases: Phases = {};
    for (const [phase, histogram] of this.#merged) phases[phase] = histogram.toJSON();
    const parts = [...this.#parts].map(([id, { tally, ledger }]) => ({
      id,
      ...describe(id),
      completed: ledger.count,
      failed: tally.failed,
    }));
    const series = mergeRateSeries([...this.#parts.values()].map(({ tally }) => tally.series));
    return { ...this.counts(), parts, phases, series, pages: this.#union.allPages() };
  }
}

function sameCounts(a: PartRun['tally'], b: PartRun['tally']): boolean {
  return (
    a.duplicated === b.duplicated &&
    a.failed === b.failed &&
    a.retried === b.retried &&
    a.unexpected === b.unexpected &&
    a.firstFetchUs === b.firstFetchUs &&
    a.lastAckUs === b.lastAckUs
  );
}

function latencyOf(histogram: Histogram): LatencyUs {
  const [p50, p90, p95, p99] = [50, 90, 95, 99].map((p) => histogram.percentile(p)) as [number, number, number, number];
  return { p50, p90, p95, p99, max: histogram.max, count: histogram.count };
}

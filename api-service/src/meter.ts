// What this service counts about itself, all since its start: the figures of GET /stats and of the snapshots for the control
// room. Phases are per job: a PUSHB of 100 records its two durations 100 times.

import { type ApiSnapshot, epochUs, epochUsAt, Histogram, measureUsage } from '@jobstorm/telemetry';

/** What of the snapshot is a state rather than a count. */
export interface MeterState {
  connected: boolean;
  /** Jobs that wait for their PUSHB or its answer. */
  waiting: number;
}

function percentiles(histogram: Histogram): Record<string, number> | null {
  if (histogram.count === 0) return null;
  const at = (p: number) => histogram.percentile(p);
  return { p50: at(50), p90: at(90), p95: at(95), p99: at(99), max: histogram.max, count: histogram.count };
}

/** What of a job tells when it was due. */
type TakenJob = { custom?: object; at?: string };

export class Meter {
  /** HTTP requests for jobs. */
  requests = 0;
  /** Jobs that the job server holds by its own word. */
  accepted = 0;
  /** Jobs answered with a reason instead. */
  refused = 0;
  /** PUSHBs sent. */
  batches = 0;
  batchesInFlight = 0;
  readonly #accept = new Histogram();
  readonly #batchWait = new Histogram();
  readonly #push = new Histogram();

  /** A job was taken in, `performance.now()` milliseconds. Only a run's says when it was due, and one with a time of its own is due later. */
  taken({ custom, at }: TakenJob, takenMs: number): void {
    if (custom === undefined || at !== undefined) return;
    // Anybody may send a job: both fields may be anything.
    const { run, due } = custom as { run?: unknown; due?: unknown };
    if (typeof run === 'string' && typeof due === 'number' && due > 0) this.#accept.record(epochUsAt(takenMs) - due);
  }

  /** One job went from its caller's request into a PUSHB; microseconds. */
  waited(us: number): void {
    this.#batchWait.record(us);
  }

  /** A PUSHB of `jobs` was answered after `us` microseconds. */
  pushed(jobs: number, us: number): void {
    for (let i = 0; i < jobs; i++) this.#push.record(us);
  }

  snapshot({ connected, waiting }: MeterState): ApiSnapshot {
    const { requests, accepted, refused, batches, batchesInFlight } = this;
    return {
      type: 'api',
      sentAtUs: epochUs(),
      connected,
      totals: { requests, accepted, refused, batches },
      waiting,
      batchesInFlight,
      phases: { accept: this.#accept.toJSON(), batchWait: this.#batchWait.toJSON(), push: this.#push.toJSON() },
      usage: measureUsage(),
    };
  }

  /** The same for people: percentiles in microseconds, null where nothing was recorded yet. */
  stats(state: MeterState): Record<string, unknown> {
    const { connected, totals, waiting, batchesInFlight, usage } = this.snapshot(state);
    const latencyUs = {
      accept: percentiles(this.#accept),
      batchWait: percentiles(this.#batchWait),
      push: percentiles(this.#push),
    };
    return { connected, totals, waiting, batchesInFlight, latencyUs, usage };
  }
}

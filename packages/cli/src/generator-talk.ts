// What the command line and its generator processes say to each other over their channel.

import type { RunPlan, Stripe, TotalsData } from '@jobstorm/loadtest';
import type { PartMessage } from '@jobstorm/program';
import type { ServerAddress } from '@jobstorm/protocol';
import type { HistogramData } from '@jobstorm/telemetry';

/** What a generator is to do. */
export interface GeneratorTask {
  plan: RunPlan;
  address: ServerAddress;
  apiUrl: string | null;
  bearer: string | null;
  perRequest: number | null;
  /** When not set, all jobs. */
  stripe?: Stripe;
}

export interface GeneratorResult {
  totals: TotalsData;
  submit: HistogramData;
  sendLag: HistogramData | null;
  /** Lateness of its event loop while it sent, in ms. */
  loopDelay: { p99Ms: number; maxMs: number };
}

export type ToGenerator =
  /** Open your connections. */
  | { type: 'open'; task: GeneratorTask }
  /** Planned times count from there, in epoch microseconds. */
  | { type: 'go'; startUs: number }
  /** Send nothing more. */
  | { type: 'enough' }
  | { type: 'usage' };

export type FromGenerator =
  | PartMessage
  | { type: 'open' }
  | { type: 'totals'; totals: TotalsData }
  | { type: 'done'; result: GeneratorResult };

// The generator's side of a run: sends its jobs from this process, and what that measures.
// Invariant: `totals` is live while jobs are sent, and nothing more is sent once the signal has come.

import {
  batchSink,
  directSink,
  emptyTotals,
  type Gate,
  type JobTexts,
  pacerOf,
  type RunPlan,
  type Sink,
  type Stripe,
  type SubmitTotals,
  singleSink,
  submit,
  textsOf,
} from '@jobstorm/loadtest';
import type { ServerAddress } from '@jobstorm/protocol';
import { epochUs, Histogram } from '@jobstorm/telemetry';
import { sleepFor } from './pace-sleep.ts';

export interface SubmissionOptions {
  plan: RunPlan;
  /** Of the job server, for --via direct. */
  address: ServerAddress;
  /** null: jobs go to the server without one. */
  apiUrl: string | null;
  bearer: string | null;
  /** Jobs in one POST /jobs/batch; null: as the sink sees fit. */
  perRequest: number | null;
  /** Other jobs than the plan's shape makes. */
  texts?: JobTexts;
  /** Holds it back. */
  gate?: Gate;
  /** Its share; when not set, all jobs. */
  stripe?: Stripe;
}

export interface SubmitPhases {
  submit: Histogram;
  /** Of an open run. */
  sendLag?: Histogram;
}

export interface Submission {
  readonly totals: SubmitTotals;
  readonly phases: SubmitPhases;
  /**
   * Settles when all jobs were answered for, dropped, or the signal came. Never rejects.
   * @param startUs when planned times begin, in epoch microseconds; when not given, now
   */
  start(signal: AbortSignal, startUs?: number): Promise<void>;
  /** Ends its connections. */
  close(): Promise<void>;
}

/** What takes the jobs of a plan. @throws ConnectionError when the server can't be reached for --via direct */
export function openSink(o: SubmissionOptions): Promise<Sink> | Sink {
  const { plan, address, perRequest, texts = textsOf(plan) } = o;
  if (plan.via === 'direct') return directSink({ address, plan, texts });
  const http = { url: o.apiUrl!, token: o.bearer, plan, texts, perRequest: perRequest ?? undefined };
  return plan.via === 'api' ? singleSink(http) : batchSink(http);
}

/** Sends from this process. @throws ConnectionError when the server can't be reached for --via direct */
export async function openSubmission(o: SubmissionOptions): Promise<Submission> {
  const { plan, gate, stripe } = o;
  const sink = await openSink(o);
  const totals = emptyTotals();
  const open = plan.ratePerS !== null;
  const phases: SubmitPhases = { submit: new Histogram(), ...(open ? { sendLag: new Histogram() } : {}) };
  return {
    totals,
    phases,
    async start(signal, startUs) {
      const options = {
        jobs: plan.jobs,
        sink,
        pacer: pacerOf(plan.load),
        clockUs: epochUs,
        sleep: sleepFor(plan.ratePerS),
        signal,
        latency: phases.submit,
        ...(phases.sendLag ? { sendLag: phases.sendLag } : {}),
        ...(gate ? { gate } : {}),
        ...(startUs === undefined ? {} : { startUs }),
        ...(stripe ? { stripe } : {}),
      };
      await submit(options, totals);
    },
    close: () => sink.close(),
  };
}

// Submits a plan's jobs through a sink: takes the next stretch of sequence numbers, sends it, counts what became of it.
//
//   not sent ──▶ in flight ──▶ accepted | refused (with reasons) | uncertain (the connection went before the answer)
//
// Invariant: every sequence number is sent at most once unless the answer was a clear "not now" (`retryAfterMs`), so that a
// duplicate is never of the generator's making. submitted = accepted + refused + uncertain once `submit` has settled.

import type { Histogram } from '@jobstorm/telemetry';
import type { DueOf } from './job-text.ts';
import type { Pacer } from './pacer.ts';

export type SendOutcome =
  | { accepted: number; refused: ReadonlyMap<string, number> }
  /** Nothing was taken; send the same jobs again after the delay. */
  | { retryAfterMs: number; reason: string };

export interface Sink {
  /** Jobs a call of `send`, at most. */
  readonly chunk: number;
  /** Calls in flight, at most. */
  readonly inFlight: number;
  /** Sends jobs first … end-1. Rejects when it can't be known whether they were taken. */
  send(first: number, end: number, dueOf: DueOf): Promise<SendOutcome>;
  close(): Promise<void>;
}

export interface SubmitTotals {
  submitted: number;
  accepted: number;
  refused: Map<string, number>;
  uncertain: number;
  /** Why the first uncertain ones are. */
  uncertainReason: string | null;
  /** Planned but never sent: the open run's time was long over. */
  dropped: number;
  /** The last "not now" while it lasts. */
  waitingFor: string | null;
  /** Epoch microseconds of the first send and the last answer; 0 before. */
  firstSendUs: number;
  lastReplyUs: number;
}

export interface SubmitOptions {
  jobs: number;
  sink: Sink;
  pacer: Pacer;
  /** Epoch microseconds. */
  clockUs: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends it: nothing more is sent, what is in flight is awaited. */
  signal: AbortSignal;
  /** due → answer, per accepted job. */
  latency: Histogram;
  /** How long after its time a planned job may still be sent; then it is dropped. */
  dropAfterMs?: number;
}

export function emptyTotals(): SubmitTotals {
  return {
    submitted: 0,
    accepted: 0,
    refused: new Map(),
    uncertain: 0,
    uncertainReason: null,
    dropped: 0,
    waitingFor: null,
    firstSendUs: 0,
    lastReplyUs: 0,
  };
}

/** Resolves when every job was answered for, dropped, or the signal came. `totals` is live. Never rejects. */
export async function submit(o: SubmitOptions, totals: SubmitTotals = emptyTotals()): Promise<SubmitTotals> {
  const startUs = o.clockUs();
  const inFlight = new Set<Promise<void>>();
  const plannedEndMs = o.pacer.dueMs(o.jobs - 1);
  const lastSendMs = plannedEndMs === null ? Number.POSITIVE_INFINITY : plannedEndMs + (o.dropAfterMs ?? 10_000);
  let next = 0;
  while (next < o.jobs && !o.signal.aborted) {
    const elapsedMs = (o.clockUs() - startUs) / 1000;
    if (elapsedMs > lastSendMs) {
      totals.dropped += o.jobs - next;
      break;
    }
    const end = Math.min(o.jobs, o.pacer.dueBy(elapsedMs), next + o.sink.chunk);
    if (inFlight.size >= o.sink.inFlight) {
      await Promise.race(inFlight);
    } else if (end > next) {
      const sent: Promise<void> = sendStretch(o, totals, startUs, next, end).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
      next = end;
    } else {
      await o.sleep(Math.max(1, o.pacer.wait(elapsedMs, next)), o.signal);
    }
  }
  await Promise.all(inFlight);
  return totals;
}

async function sendStretch(o: SubmitOptions, totals: SubmitTotals, startUs: number, first: number, end: number) {
  const nowUs = o.clockUs();
  const planned = o.pacer.dueMs(first) !== null;
  const dueOf: DueOf = planned ? (seq) => Math.round(startUs + o.pacer.dueMs(seq)! * 1000) : () => nowUs;
  if (totals.firstSendUs === 0) totals.firstSendUs = nowUs;
  totals.submitted += end - first;
  try {
    for (;;) {
      const outcome = await o.sink.send(first, end, dueOf);
      if ('accepted' in outcome) {
        totals.waitingFor = null;
        settle(o, totals, outcome, first, end, dueOf);
        return;
      }
      totals.waitingFor = outcome.reason;
      await o.sleep(outcome.retryAfterMs, o.signal);
      if (o.signal.aborted) {
        totals.refused.set(outcome.reason, (totals.refused.get(outcome.reason) ?? 0) + end - first);
        return;
      }
    }
  } catch (error) {
    totals.uncertain += end - first;
    totals.uncertainReason ??= error instanceof Error ? error.message : String(error);
  }
}

function settle(
  o: SubmitOptions,
  totals: SubmitTotals,
  outcome: { accepted: number; refused: ReadonlyMap<string, number> },
  first: number,
  end: number,
  dueOf: DueOf,
) {
  const nowUs = o.clockUs();
  totals.lastReplyUs = nowUs;
  totals.accepted += outcome.accepted;
  for (const [reason, count] of outcome.refused) totals.refused.set(reason, (totals.refused.get(reason) ?? 0) + count);
  if (outcome.accepted < end - first) return recordSome(o.latency, outcome.accepted, nowUs - dueOf(first));
  for (let seq = first; seq < end; seq++) o.latency.record(nowUs - dueOf(seq));
}

/** Which of the stretch were taken is not known here: the oldest one's latency stands for all of them. */
function recordSome(latency: Histogram, count: number, latencyUs: number) {
  for (let i = 0; i < count; i++) latency.record(latencyUs);
}

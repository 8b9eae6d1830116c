// Submits a plan's jobs through a sink: takes the next stretch of sequence numbers, sends it, counts what became of it.
//
//   not sent ──▶ in flight ──▶ accepted | refused (with reasons) | uncertain (the connection went before the answer)
//
// Invariant: every sequence number is sent at most once unless the answer was a clear "not now" (`retryAfterMs`), so that a
// duplicate is never of the generator's making. submitted = accepted + refused + uncertain once `submit` has settled.

import type { Histogram } from '@jobstorm/telemetry';
import { type Gate, openGate } from './gate.ts';
import type { DueOf } from './job-text.ts';
import type { Pacer } from './pacer.ts';
import { ownBelow, type Stripe, seqOf, togetherFrom, wholeStripe } from './stripe.ts';

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
  /** Of the whole run, all generators together. */
  jobs: number;
  sink: Sink;
  pacer: Pacer;
  /** Epoch microseconds. */
  clockUs: () => number;
  /** Waits about so long; of what is less than a millisecond it may make one. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends it: nothing more is sent, what is in flight is awaited. */
  signal: AbortSignal;
  /** due → answer, per accepted job. */
  latency: Histogram;
  /** due → sent, per job of an open run. */
  sendLag?: Histogram;
  /** This generator's share; when not set, all. */
  stripe?: Stripe;
  /** Holds a closed run back. */
  gate?: Gate;
  /** When the run began, in epoch microseconds: planned times count from there; when not set, now. */
  startUs?: number;
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

/** How often a gate that is shut is looked at again, in milliseconds. */
const gateLookMs = 5;

/** What may be sent now: numbers first … end-1, all the stripe's own; end = first: nothing. */
function nextStretch(o: SubmitOptions, stripe: Stripe, next: number, elapsedMs: number) {
  const first = seqOf(stripe, next);
  const due = Math.min(o.jobs, o.pacer.dueBy(elapsedMs), (o.gate ?? openGate).limit(elapsedMs));
  const end = Math.min(due, first + Math.min(o.sink.chunk, togetherFrom(stripe, next)));
  return { first, end: Math.max(first, end) };
}

/** Resolves when every job was answered for, dropped, or the signal came. `totals` is live. Never rejects. */
export async function submit(o: SubmitOptions, totals: SubmitTotals = emptyTotals()): Promise<SubmitTotals> {
  const { stripe = wholeStripe, gate = openGate, startUs = o.clockUs() } = o;
  const inFlight = new Set<Promise<void>>();
  const plannedEndMs = o.pacer.dueMs(o.jobs - 1);
  const lastSendMs = plannedEndMs === null ? Number.POSITIVE_INFINITY : plannedEndMs + (o.dropAfterMs ?? 10_000);
  const own = ownBelow(stripe, o.jobs);
  let next = 0;
  while (next < own && !o.signal.aborted) {
    const elapsedMs = (o.clockUs() - startUs) / 1000;
    if (elapsedMs > lastSendMs) {
      totals.dropped += own - next;
      break;
    }
    if (gate.over(elapsedMs)) break;
    const { first, end } = nextStretch(o, stripe, next, elapsedMs);
    if (inFlight.size >= o.sink.inFlight) {
      await Promise.race(inFlight);
    } else if (end > first) {
      const sent: Promise<void> = sendStretch(o, totals, startUs, first, end).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
      next += end - first;
    } else {
      await o.sleep(plannedEndMs === null ? gateLookMs : o.pacer.wait(elapsedMs, first), o.signal);
    }
  }
  await Promise.all(inFlight);
  return totals;
}

async function sendStretch(o: SubmitOptions, totals: SubmitTotals, startUs: number, first: number, end: number) {
  const nowUs = o.clockUs();
  const planned = o.pacer.dueMs(first) !== null;
  const dueOf: DueOf = planned ? (seq) => Math.round(startUs + o.pacer.dueMs(seq)! * 1000) : () => nowUs;
  if (planned && o.sendLag) for (let seq = first; seq < end; seq++) o.sendLag.record(nowUs - dueOf(seq));
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

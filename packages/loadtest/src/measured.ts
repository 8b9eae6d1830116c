// Everything that is known once a run has ended, before it is made into a result. Invariant: what was not measured is null here, or is not
// there, and never 0.

import type { Histogram, RateSeries } from '@jobstorm/telemetry';
import type { RunSettings } from './advice.ts';
import type { Joined } from './batching.ts';
import type { ClockFindings } from './clock-findings.ts';
import type { DepthSample } from './depth.ts';
import type { RunEnd } from './follower.ts';
import type { Tide } from './gate.ts';
import type { Measurements } from './measurements.ts';
import type { PartUsage } from './part-usage.ts';
import type { RunPlan } from './plan.ts';
import type { CpuPart, PhaseName, RunResult } from './result.ts';
import type { SubmitTotals } from './submit.ts';
import type { Stretch } from './threshold-windows.ts';
import type { Threshold } from './thresholds.ts';

export interface PartMeasured {
  usage: PartUsage | null;
  capCores: number | null;
  /** Why `usage` is null. */
  reason?: string;
  /** Of a control group with a CPU quota (a container's): share of its scheduler periods in which it was held back; null: not known. */
  throttledShare?: number | null;
  /** Why that is null. */
  whyNotThrottled?: string;
  /** Cores of its host; null: not known. */
  hostCores?: number | null;
  /** More cores than one are of no use to it. */
  oneThread?: boolean;
}

/** Everything that is known once a run has ended. */
export interface Measured {
  plan: RunPlan;
  startedAtMs: number;
  command: string;
  config: Record<string, unknown>;
  environment: RunResult['environment'];
  end: RunEnd;
  totals: SubmitTotals;
  /** As the workers' snapshots, merged, have it. */
  done: {
    completed: number;
    failed: number;
    retried: number;
    duplicated: number;
    /** Completions of the run that no sequence number of its own explains. */
    unexpected: number;
    firstFetchUs: number | null;
    lastAckUs: number | null;
    series: RateSeries | null;
  };
  phases: Partial<Record<PhaseName, Histogram>>;
  /** The run by stretches, in order; none where it was not watched. */
  stretches?: readonly Stretch[];
  /** The threshold that ended it early (--threshold-abort). */
  abortedBy?: string | null;
  depths: readonly DepthSample[];
  slots: number | null;
  workerCpus: number;
  settings: RunSettings;
  /** Of a run in tides, and of one whose workers were held back. */
  tides?: readonly Tide[];
  /** Cores of this machine in use, by anybody; null: not measured. */
  machineUsedCores: number | null;
  parts: Record<CpuPart, PartMeasured>;
  loopDelay: { p99Ms: number; maxMs: number } | null;
  workersAtStart: number;
  workersLost: readonly string[];
  /** Every part runs on this machine. */
  local: boolean;
  /** Generator and workers stamp with one machine's clock. */
  sameClock: boolean;
  thresholds: readonly Threshold[];
  /** The rate is compared with another run's. */
  rateCompared?: boolean;
  network?: Measurements['network'];
  serverInside?: Measurements['serverInside'];
  /** By how much a clock of theirs is at least ahead of the generator's, by worker, the largest; null: not known. */
  clockAheadMs?: number | null;
  /** What the api-service joined meanwhile; null: it is not known. */
  joined?: Joined | null;
  /** How long the control room took to answer, at most; null: it was not asked. */
  roomAnswerMs?: number | null;
  /** Hosts whose clocks are not the generator's, and the phases that lie between two clocks. */
  clocks?: ClockFindings;
}

/** Why figures of the other part are missing, by what was measured. */
export const notMeasuredPart = {
  enqueue: 'only enqueueing was measured (--phase enqueue)',
  process: 'only processing was measured (--phase process)',
} as const;

/** Notes why the figure at that path is null. */
export type Missing = (path: string, reason: string) => null;

/** Seconds from the first submission (or, between hosts with clocks of their own, the first FETCH) to the last ACK. */
export function activeSeconds(m: Measured): number | null {
  const { firstFetchUs, lastAckUs } = m.done;
  const { firstSendUs, lastReplyUs } = m.totals;
  if (m.plan.measured === 'enqueue') return lastReplyUs > firstSendUs ? (lastReplyUs - firstSendUs) / 1e6 : null;
  const startUs = m.sameClock && !m.plan.held && firstSendUs > 0 ? firstSendUs : firstFetchUs;
  if (startUs === null || lastAckUs === null || lastAckUs <= startUs) return null;
  return (lastAckUs - startUs) / 1e6;
}

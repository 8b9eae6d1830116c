// The result of a run as `--json` writes it. Invariant: what was not measured is null and has its reason in `notMeasured` under its
// dotted path (a parent's reason holds for everything below it); nothing that is missing is written as 0.

import { type Phase, phaseNames } from '@jobstorm/telemetry';
import type { Joined } from './batching.ts';
import type { ChaosReport } from './chaos.ts';
import type { HostClock } from './clock-findings.ts';
import type { Comparison } from './compare.ts';
import type { LoadModel } from './load-model.ts';
import type { Overhead } from './overhead.ts';
import type { MeasuredPart } from './plan.ts';
import type { Precision } from './precision.ts';
import type { Repeats } from './repeats.ts';
import type { SoakReport } from './soak.ts';
import type { JudgedThreshold } from './thresholds.ts';
import type { Setting } from './tune/setting.ts';
import type { FrontPoint, Trial } from './tune/tuner.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictBasis } from './verdict-basis.ts';

/** Microseconds. */
export interface Percentiles {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  /** null under 10,000 values. */
  p999: number | null;
  max: number;
  count: number;
}

/** Cores over the run's time, first submission to last completion. */
export interface CpuUse {
  usedCores: number;
  capCores: number | null;
  percentOfCap: number | null;
  throttledShare: number | null;
}

export { phaseNames };
export type PhaseName = Phase;
export const cpuParts = ['generator', 'api', 'server', 'workers'] as const;
export type CpuPart = (typeof cpuParts)[number];

/** What a tuning found. */
export interface TuneReport {
  winner: Setting;
  /** Verified outside the search, where trials were left for that. */
  ratePerS: number;
  /** Why the search stopped. */
  stopped: string;
  trials: number;
  /** Each of them, in order. */
  tried: Trial[];
  /** Nothing else is better at one thing and as good at the rest. */
  front: FrontPoint[];
}

/**
 * Version 1. `jobs.submitted` were sent, `accepted` confirmed by the job server, `completed` acknowledged (each sequence number
 * once), `failed` handler runs that ended in a FAIL, `retried` jobs that arrived having failed before, `lost` = accepted and
 * neither completed nor failed for good, `duplicated` acknowledgements beyond the first of a job, `unexpected` completions
 * beyond what was accepted. Rates are jobs a second: over the steady window, or where `steadyWindowS` is null over the whole run.
 */
export interface RunResult {
  schemaVersion: 1;
  run: { id: string; startedAt: string; command: string };
  config: Record<string, unknown>;
  /** Hosts with clocks of their own: how far ahead of the generator's, and how well that is known; null: it is not. */
  clocks: HostClock[];
  /** How jobs came in; tides are null where a time of theirs is not known. */
  load: {
    model: LoadModel['kind'];
    /** Workers started only when all jobs were queued. */
    held: boolean;
    measured: MeasuredPart;
    /** Backlogs that were built and drained: `depth` jobs waited when the last one of `jobs` was accepted. */
    tides: { jobs: number; buildS: number | null; depth: number | null; drainS: number | null }[];
  };
  environment: { cpus: number; cpuModel: string; memoryBytes: number; node: string; os: string; server: string };
  jobs: {
    submitted: number;
    accepted: number;
    completed: number;
    failed: number;
    retried: number;
    lost: number | null;
    duplicated: number;
    unexpected: number;
  };
  /** Jobs that the api-service sent meanwhile, and the PUSHBs that they went in; null: none did, or it is not known. */
  batching?: Joined | null;
  queue: { depthMax: number | null; depthEnd: number | null; slopePerS: number | null };
  throughput: { submitPerS: number | null; completePerS: number | null; steadyWindowS: number | null };
  latencyUs: Record<PhaseName, Percentiles | null>;
  cost: {
    workerCoreSecondsPer1kJobs: number | null;
    apiCoreSecondsPer1kJobs: number | null;
    serverCoreSecondsPer1kJobs: number | null;
    workerRssBytes: number | null;
    serverRssBytes: number | null;
  };
  cpu: Record<CpuPart, CpuUse | null>;
  /** How well rate and latency are known. */
  precision: Precision;
  /** Of several runs: each figure's median and range. All above is the run with the median rate. */
  repeats?: Repeats;
  /** `basis`: the figures that it was made of. */
  verdict: Verdict & { basis: VerdictBasis };
  valid: boolean;
  invalidBecause: string[];
  /** What else to know when quoting it, a sentence each. */
  notes: string[];
  thresholds: JudgedThreshold[];
  /** Against the result that --baseline names. */
  baseline?: Comparison & { file: string };
  /** Of a soak: over all its stretches. */
  soak?: SoakReport;
  /** Of a tuning: all above is the trial that was measured last. */
  found?: TuneReport;
  /** Of a chaos-test. */
  chaos?: ChaosReport;
  /** Other settings whose runs took turns with this one's, and how they compare with it. */
  against?: (Pick<RunResult, 'config' | 'throughput' | 'latencyUs' | 'cost' | 'verdict' | 'repeats' | 'batching'> & {
    flags: string;
    comparison: Comparison;
  })[];
  /** Of --overhead: what recording cost. */
  overhead?: Overhead;
  /** Dotted path of a null above → why it was not measured. */
  notMeasured: Record<string, string>;
}

/** The exit code that a result asks for: lost jobs count above a measurement that is not valid, that above thresholds. */
export function exitCodeOf(result: RunResult, interrupted: boolean): 0 | 99 | 105 | 111 | 112 {
  if (interrupted) return 105;
  const { lost, duplicated } = result.jobs;
  if ((lost ?? 0) > 0 || duplicated > 0) return 112;
  if (!result.valid) return 111;
  if (result.baseline?.finding === 'worse') return 99;
  return result.thresholds.every(({ passed }) => passed) ? 0 : 99;
}

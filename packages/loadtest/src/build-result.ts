// Makes a run's result out of what was measured. Pure: every figure of the summary and of `--json` is decided here.

import type { Histogram, RateSeries } from '@jobstorm/telemetry';
import type { RunSettings } from './advice.ts';
import type { Joined } from './batching.ts';
import { type ClockFindings, unsurePhase } from './clock-findings.ts';
import { type DepthSample, summariseDepth } from './depth.ts';
import type { RunEnd } from './follower.ts';
import type { Tide } from './gate.ts';
import type { PartUsage } from './part-usage.ts';
import { leastForP999 } from './percentile-interval.ts';
import { failureIsFinal, type RunPlan } from './plan.ts';
import { type Precision, precisionGaps, precisionOf } from './precision.ts';
import {
  type CpuPart,
  type CpuUse,
  cpuParts,
  type Percentiles,
  type PhaseName,
  phaseNames,
  type RunResult,
} from './result.ts';
import { findSteadyWindow, type SteadyWindow } from './steady.ts';
import type { SubmitTotals } from './submit.ts';
import type { Stretch } from './threshold-windows.ts';
import { judgesRate, judgeThresholds, type Threshold } from './thresholds.ts';
import { invalidReasons, notesOn, type ValidityInput } from './validity.ts';
import { type CpuShare, judge, type Measurements, type Verdict } from './verdict.ts';
import { basisOf } from './verdict-basis.ts';

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

/** Those that end before a job is in its queue. */
const submitPhases: ReadonlySet<PhaseName> = new Set(['sendLag', 'submit', 'accept', 'batchWait', 'push']);

/** Those that the api-service records. */
const apiPhases: ReadonlySet<PhaseName> = new Set(['accept', 'batchWait', 'push']);

/** Why figures of the other part are missing, by what was measured. */
const notMeasuredPart = {
  enqueue: 'only enqueueing was measured (--phase enqueue)',
  process: 'only processing was measured (--phase process)',
} as const;

type Missing = (path: string, reason: string) => null;

function percentilesOf(histogram: Histogram | undefined, missingP999: () => null): Percentiles | null {
  if (!histogram || histogram.count === 0) return null;
  const at = (p: number) => histogram.percentile(p);
  const p999 = histogram.count >= leastForP999 ? at(99.9) : missingP999();
  return { p50: at(50), p90: at(90), p95: at(95), p99: at(99), p999, max: histogram.max, count: histogram.count };
}

function whyNoPhase(phase: PhaseName, { via, ratePerS, measured, recorded }: RunPlan): string {
  if (measured === 'enqueue' && !submitPhases.has(phase)) return notMeasuredPart.enqueue;
  if (measured === 'process' && submitPhases.has(phase)) return notMeasuredPart.process;
  if (recorded === false && !submitPhases.has(phase))
    return 'workers recorded nothing, to see what recording costs (--overhead)';
  if (phase === 'sendLag' && ratePerS === null) return 'a closed run has no planned times';
  if (phase === 'fireLag') return 'no job had a time of its own (at)';
  if (via === 'direct' && apiPhases.has(phase)) return 'jobs went to the server without the API';
  if (phase === 'submit' || phase === 'sendLag') return 'no job was accepted';
  if (apiPhases.has(phase)) return 'the api-service reported none to this control room';
  return 'no worker reported a completed job';
}

function isMeasured(phase: PhaseName, { measured }: RunPlan): boolean {
  return measured === 'both' || (measured === 'enqueue') === submitPhases.has(phase);
}

function latencies(m: Measured, missing: Missing): RunResult['latencyUs'] {
  const entries = phaseNames.map((phase) => {
    const found = isMeasured(phase, m.plan)
      ? percentilesOf(m.phases[phase], () => missing(`latencyUs.${phase}.p999`, `a p99.9 needs ${leastForP999} values`))
      : null;
    const unsure = found && m.clocks ? unsurePhase(m.clocks, phase, found.p50) : null;
    if (unsure !== null) return [phase, missing(`latencyUs.${phase}`, unsure)] as const;
    return [phase, found ?? missing(`latencyUs.${phase}`, whyNoPhase(phase, m.plan))] as const;
  });
  return Object.fromEntries(entries) as RunResult['latencyUs'];
}

/** Between two moments in microseconds; null: one of them is not known. */
function secondsBetween(fromUs: number | null, toUs: number | null): number | null {
  return fromUs === null || toUs === null || fromUs <= 0 ? null : Math.max(0, (toUs - fromUs) / 1e6);
}

function loadOf({ plan: { load, held, measured }, tides }: Measured): RunResult['load'] {
  return {
    model: load.kind,
    held,
    measured,
    tides: (tides ?? []).map(({ jobs, firstSendUs, builtUs, depth, drainedUs }) => ({
      jobs,
      buildS: secondsBetween(firstSendUs, builtUs),
      depth,
      drainS: secondsBetween(builtUs, drainedUs),
    })),
  };
}

/** Seconds from the first submission (or, between hosts with clocks of their own, the first FETCH) to the last ACK. */
function activeSeconds(m: Measured): number | null {
  const { firstFetchUs, lastAckUs } = m.done;
  const { firstSendUs, lastReplyUs } = m.totals;
  if (m.plan.measured === 'enqueue') return lastReplyUs > firstSendUs ? (lastReplyUs - firstSendUs) / 1e6 : null;
  const startUs = m.sameClock && !m.plan.held && firstSendUs > 0 ? firstSendUs : firstFetchUs;
  if (startUs === null || lastAckUs === null || lastAckUs <= startUs) return null;
  return (lastAckUs - startUs) / 1e6;
}

function throughput(m: Measured, found: SteadyWindow | null, missing: Missing): RunResult['throughput'] {
  const { measured } = m.plan;
  const steady = measured === 'enqueue' ? null : found;
  const submitS = (m.totals.lastReplyUs - m.totals.firstSendUs) / 1e6;
  const activeS = activeSeconds(m);
  const whole = activeS === null ? null : m.done.completed / activeS;
  const submitPerS =
    submitS > 0 ? m.totals.accepted / submitS : missing('throughput.submitPerS', 'no job was accepted');
  const completePerS = steady?.perS ?? whole ?? missing('throughput.completePerS', 'no job was completed');
  return {
    submitPerS: measured === 'process' ? missing('throughput.submitPerS', notMeasuredPart.process) : submitPerS,
    completePerS: measured === 'enqueue' ? missing('throughput.completePerS', notMeasuredPart.enqueue) : completePerS,
    steadyWindowS:
      steady?.lengthS ??
      missing(
        'throughput.steadyWindowS',
        'too short to be steady, or the rate never settled: the rate is the whole run’s',
      ),
  };
}

function cpuOf(m: Measured, missing: Missing): RunResult['cpu'] {
  const entries = cpuParts.map((part) => {
    const { usage, capCores, reason, throttledShare, whyNotThrottled } = m.parts[part];
    if (!usage) return [part, missing(`cpu.${part}`, reason ?? 'it reported no usage')] as const;
    const use: CpuUse = {
      usedCores: usage.usedCores,
      capCores: capCores ?? missing(`cpu.${part}.capCores`, 'its limit is not known'),
      percentOfCap: capCores
        ? (usage.usedCores / capCores) * 100
        : missing(`cpu.${part}.percentOfCap`, 'its limit is not known'),
      throttledShare:
        throttledShare ??
        missing(`cpu.${part}.throttledShare`, whyNotThrottled ?? 'it has no CPU quota that could throttle it'),
    };
    return [part, use] as const;
  });
  return Object.fromEntries(entries) as RunResult['cpu'];
}

function costOf(m: Measured, missing: Missing): RunResult['cost'] {
  const per1k = (part: CpuPart, path: string): number | null => {
    const { usage, reason } = m.parts[part];
    if (!usage) return missing(`cost.${path}`, reason ?? 'it reported no usage');
    if (m.done.completed === 0) return missing(`cost.${path}`, 'no job was completed');
    return (usage.coreSeconds / m.done.completed) * 1000;
  };
  const rss = (part: CpuPart, path: string): number | null => {
    const { usage, reason } = m.parts[part];
    return usage?.rssBytes ?? missing(`cost.${path}`, reason ?? 'it reported no usage');
  };
  return {
    workerCoreSecondsPer1kJobs: per1k('workers', 'workerCoreSecondsPer1kJobs'),
    apiCoreSecondsPer1kJobs: per1k('api', 'apiCoreSecondsPer1kJobs'),
    serverCoreSecondsPer1kJobs: per1k('server', 'serverCoreSecondsPer1kJobs'),
    workerRssBytes: rss('workers', 'workerRssBytes'),
    serverRssBytes: rss('server', 'serverRssBytes'),
  };
}

function jobsOf(m: Measured, missing: Missing): RunResult['jobs'] {
  const { submitted, accepted, uncertain } = m.totals;
  const { completed, failed, retried, duplicated, unexpected } = m.done;
  const ended = completed + (failureIsFinal(m.plan) ? failed : 0);
  return {
    submitted,
    accepted,
    completed,
    failed,
    retried,
    lost:
      m.end === 'interrupted'
        ? missing('jobs.lost', 'the run was interrupted: jobs were still under way')
        : Math.max(0, accepted - ended),
    duplicated,
    unexpected: Math.max(unexpected, completed - accepted - uncertain),
  };
}

function queueOf(m: Measured, missing: Missing): RunResult['queue'] {
  const depth = summariseDepth(m.depths, 1);
  const none = 'the job server answered no INFO during the run';
  return {
    depthMax: depth?.max ?? missing('queue.depthMax', none),
    depthEnd: depth?.end ?? missing('queue.depthEnd', none),
    slopePerS: depth?.slopePerS ?? missing('queue.slopePerS', depth ? 'too few samples for a slope' : none),
  };
}

/** Samples taken while jobs were still coming in: what follows is only the drain. */
function depthsWhileSubmitting(m: Measured): readonly DepthSample[] {
  const endS = (m.totals.lastReplyUs - m.totals.firstSendUs) / 1e6;
  const during = m.depths.filter(({ atS }) => atS <= endS);
  return during.length > 0 ? during : m.depths;
}

function measurements(m: Measured, rates: RunResult['throughput']): Measurements {
  const service = m.phases.service;
  const activeS = activeSeconds(m) ?? 0;
  const busyUs = service ? service.mean * service.count : 0;
  const canTell = service !== undefined && m.slots !== null && activeS > 0;
  const share = (part: CpuPart): CpuShare => {
    const { usage, capCores, throttledShare = null, hostCores = null, oneThread = false } = m.parts[part];
    return { usedCores: usage?.usedCores ?? null, capCores, throttledShare, hostCores, oneThread };
  };
  return {
    jobs: m.plan.jobs,
    completed: m.done.completed,
    activeS,
    completePerS: rates.completePerS,
    submitPerS: rates.submitPerS,
    ratePerS: m.plan.ratePerS,
    via: m.plan.via,
    measured: m.plan.measured,
    depth: summariseDepth(depthsWhileSubmitting(m), Math.max(100, (rates.completePerS ?? 0) / 20)),
    slots: m.slots,
    slotsBusyShare: canTell ? busyUs / 1e6 / (m.slots! * activeS) : null,
    serviceMeanUs: service?.mean ?? null,
    batchWaitP50Us: m.phases.batchWait?.percentile(50) ?? null,
    submitP50Us: m.phases.submit?.percentile(50) ?? null,
    pushP50Us: m.phases.push?.percentile(50) ?? null,
    roundTripUs: m.phases.ack?.percentile(1) ?? null,
    network: m.network ?? null,
    serverInside: m.serverInside ?? null,
    cpu: { generator: share('generator'), api: share('api'), server: share('server'), workers: share('workers') },
    local: m.local,
    machineCpus: m.environment.cpus,
    machineUsedCores: m.machineUsedCores,
    workerCpus: m.workerCpus,
    settings: m.settings,
  };
}

/** All parts on one machine that had no core to spare: generator and workers took them from each other. null: it had. */
function sharedCores({ local, machineUsedCores, environment: { cpus } }: Measured): ValidityInput['sharedCores'] {
  if (!local || machineUsedCores === null || machineUsedCores < 0.9 * cpus) return null;
  return { usedCores: machineUsedCores, cpus };
}

function failsOnPurpose({ shape, mix }: RunPlan): boolean {
  return shape.jobtype === 'flaky' || (mix?.kinds.some(({ failShare }) => failShare > 0) ?? false);
}

function faultsOf(m: Measured, verdict: Verdict, steady: SteadyWindow | null): string[] {
  return invalidReasons({
    loopDelayP99Ms: m.loopDelay?.p99Ms ?? null,
    loopDelayMaxMs: m.loopDelay?.maxMs ?? null,
    generatorCores: m.parts.generator.usage?.usedCores ?? null,
    generators: m.parts.generator.capCores ?? 1,
    activeS: activeSeconds(m) ?? 0,
    starved: verdict.bottleneck === 'generator',
    workersAtStart: m.workersAtStart,
    workersLost: m.workersLost,
    dropped: m.totals.dropped,
    refused: m.totals.refused,
    // Flaky jobs may be told to fail, all of them.
    onlyFailed: m.done.completed === 0 && !failsOnPurpose(m.plan) ? m.done.failed : 0,
    uncertain: m.totals.uncertain,
    uncertainReason: m.totals.uncertainReason,
    rateJudgedUnsteady: steady === null && !m.abortedBy && (m.rateCompared === true || judgesRate(m.thresholds)),
    sharedCores: sharedCores(m),
    rateThreshold: m.thresholds.some(({ path }) => path[0] === 'throughput'),
    clockAheadMs: m.clockAheadMs ?? null,
    roomAnswerMs: m.roomAnswerMs ?? null,
  });
}

function precisionIn(m: Measured, steady: SteadyWindow | null, missing: Missing): Precision {
  const { done, phases, stretches = [] } = m;
  const windows = stretches.flatMap(({ latency }) => latency ?? []);
  const precision = precisionOf({ series: done.series, steady, endToEnd: phases.endToEnd, windows });
  for (const [path, reason] of Object.entries(precisionGaps(precision))) missing(`precision.${path}`, reason);
  return precision;
}

export function buildResult(m: Measured): RunResult {
  const notMeasured: Record<string, string> = {};
  const missing: Missing = (path, reason) => {
    notMeasured[path] = reason;
    return null;
  };
  const steady = m.done.series ? findSteadyWindow(m.done.series, (m.phases.service?.mean ?? 0) / 1000) : null;
  const rates = throughput(m, steady, missing);
  const measured = measurements(m, rates);
  const verdict = { ...judge(measured), basis: basisOf(measured) };
  const invalidBecause = faultsOf(m, verdict, steady);
  const result: RunResult = {
    schemaVersion: 1,
    run: { id: m.plan.run, startedAt: new Date(m.startedAtMs).toISOString(), command: m.command },
    config: m.config,
    environment: m.environment,
    load: loadOf(m),
    clocks: m.clocks?.hosts ?? [],
    jobs: jobsOf(m, missing),
    batching: m.plan.via !== 'direct' && m.plan.measured !== 'process' && m.joined?.pushes ? m.joined : null,
    queue: queueOf(m, missing),
    throughput: rates,
    latencyUs: latencies(m, missing),
    cost: costOf(m, missing),
    cpu: cpuOf(m, missing),
    precision: precisionIn(m, steady, missing),
    verdict,
    valid: invalidBecause.length === 0,
    invalidBecause,
    notes: notesOn({ activeS: activeSeconds(m), steady: steady !== null, sharedCores: sharedCores(m) }),
    thresholds: [],
    notMeasured,
  };
  const judged = judgeThresholds(m.thresholds, result, m.stretches);
  // It was broken when the run was ended for it, whatever the run's steady part says.
  result.thresholds = judged.map((one) => (one.expression === m.abortedBy ? { ...one, passed: false } : one));
  return result;
}

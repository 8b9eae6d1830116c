// Makes a run's result out of what was measured. Pure: every figure of the summary and of `--json` is decided here.

import { summariseDepth } from './depth.ts';
import { latencyFigures } from './latency-figures.ts';
import { activeSeconds, type Measured, type Missing, notMeasuredPart } from './measured.ts';
import { measurementsOf } from './measurements.ts';
import { costFigures, cpuFigures } from './part-figures.ts';
import { failureIsFinal } from './plan.ts';
import { type Precision, precisionGaps, precisionOf } from './precision.ts';
import type { RunResult } from './result.ts';
import { faultsOf, sharedCores } from './run-faults.ts';
import { findSteadyWindow, type SteadyWindow } from './steady.ts';
import { judgeThresholds } from './thresholds.ts';
import { notesOn } from './validity.ts';
import { judge } from './verdict.ts';
import { basisOf } from './verdict-basis.ts';

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
  const measured = measurementsOf(m, rates);
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
    latencyUs: latencyFigures(m, missing),
    cost: costFigures(m, missing),
    cpu: cpuFigures(m, missing),
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

// The percentiles of each phase of a run, and why there are none of the others.

import type { Histogram } from '@jobstorm/telemetry';
import { unsurePhase } from './clock-findings.ts';
import { type Measured, type Missing, notMeasuredPart } from './measured.ts';
import { leastForP999 } from './percentile-interval.ts';
import type { RunPlan } from './plan.ts';
import { type Percentiles, type PhaseName, phaseNames, type RunResult } from './result.ts';

/** Those that end before a job is in its queue. */
const submitPhases: ReadonlySet<PhaseName> = new Set(['sendLag', 'submit', 'accept', 'batchWait', 'push']);

/** Those that the api-service records. */
const apiPhases: ReadonlySet<PhaseName> = new Set(['accept', 'batchWait', 'push']);

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

export function latencyFigures(m: Measured, missing: Missing): RunResult['latencyUs'] {
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

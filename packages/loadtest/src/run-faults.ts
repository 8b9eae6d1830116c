// Why a run's measurement is not valid: what was measured, as the limits of validity.ts ask for it.

import { activeSeconds, type Measured } from './measured.ts';
import type { RunPlan } from './plan.ts';
import type { SteadyWindow } from './steady.ts';
import { judgesRate } from './thresholds.ts';
import { invalidReasons, type ValidityInput } from './validity.ts';
import type { Verdict } from './verdict.ts';

/** All parts on one machine that had no core to spare: generator and workers took them from each other. null: it had. */
export function sharedCores({
  local,
  machineUsedCores,
  environment: { cpus },
}: Measured): ValidityInput['sharedCores'] {
  if (!local || machineUsedCores === null || machineUsedCores < 0.9 * cpus) return null;
  return { usedCores: machineUsedCores, cpus };
}

function failsOnPurpose({ shape, mix }: RunPlan): boolean {
  return shape.jobtype === 'flaky' || (mix?.kinds.some(({ failShare }) => failShare > 0) ?? false);
}

export function faultsOf(m: Measured, verdict: Verdict, steady: SteadyWindow | null): string[] {
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

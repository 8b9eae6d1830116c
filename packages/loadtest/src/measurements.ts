// What the verdict judges, out of what was measured: pure.

import { type DepthSample, summariseDepth } from './depth.ts';
import { activeSeconds, type Measured } from './measured.ts';
import type { CpuPart, RunResult } from './result.ts';
import type { CpuShare, Measurements } from './verdict.ts';

/** Samples taken while jobs were still coming in: what follows is only the drain. */
function depthsWhileSubmitting(m: Measured): readonly DepthSample[] {
  const endS = (m.totals.lastReplyUs - m.totals.firstSendUs) / 1e6;
  const during = m.depths.filter(({ atS }) => atS <= endS);
  return during.length > 0 ? during : m.depths;
}

export function measurementsOf(m: Measured, rates: RunResult['throughput']): Measurements {
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

// What the verdict judges: of a whole run, out of what was measured, or of a few seconds of it (live-verdict.ts). Pure.

import type { RunSettings } from './advice.ts';
import { type DepthSample, type DepthSummary, summariseDepth } from './depth.ts';
import { activeSeconds, type Measured } from './measured.ts';
import type { MeasuredPart, Via } from './plan.ts';
import type { CpuPart, RunResult } from './result.ts';

export interface CpuShare {
  usedCores: number | null;
  /** Cores that the part can use at most; null: not known. */
  capCores: number | null;
  /** Share of the scheduler's periods in which a CPU quota held it back; null: none does, or it is not known. */
  throttledShare?: number | null;
  /** Cores of the host that it is on; null: not known. */
  hostCores?: number | null;
  /** It can use one core only, whatever it is given. */
  oneThread?: boolean;
}

export interface Measurements {
  jobs: number;
  completed: number;
  /** First submission to last completion, in seconds. */
  activeS: number;
  completePerS: number | null;
  submitPerS: number | null;
  /** The stated rate of an open run; null: closed. */
  ratePerS: number | null;
  via: Via;
  measured: MeasuredPart;
  /** While jobs were being submitted. */
  depth: DepthSummary | null;
  slots: number | null;
  /** Share of the slots that handlers kept busy: time in handlers over slots x time; null: not measured. */
  slotsBusyShare: number | null;
  serviceMeanUs: number | null;
  batchWaitP50Us: number | null;
  submitP50Us: number | null;
  /** PUSHB written → answered, at p50. */
  pushP50Us?: number | null;
  /** The quickest ACKs (p1): as long as a round trip from a worker to the server takes; null: not measured. */
  roundTripUs?: number | null;
  /** The busiest network interface of this host against what it carries; null: it does not say, or there is none. */
  network?: { name: string; usedMbit: number; capMbit: number } | null;
  /** Of a job server on this host; null: not seen. */
  serverInside?: {
    /** Cores that its Redis used; null: it has none. */
    redisCores: number | null;
    /** Cores that its Redis may use; not set: one. */
    redisCapCores?: number | null;
    /** Share of the looks at the server that found it waiting for a disk, whichever; null: not known. */
    diskWaitShare?: number | null;
    /** Share of the time in which the busiest disk was busy. */
    diskBusyShare: number | null;
  } | null;
  cpu: { generator: CpuShare; api: CpuShare; server: CpuShare; workers: CpuShare };
  /** Every part runs on this machine. */
  local: boolean;
  machineCpus: number;
  /** Cores of this machine in use during the run, by anybody; null: not measured. */
  machineUsedCores: number | null;
  workerCpus: number;
  settings: RunSettings;
}

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

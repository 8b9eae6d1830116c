// The figures that a verdict was made of, as a result keeps them, so that it can be checked, or judged again by later rules. Pure.
// Invariant: what was not measured is left out, and reads as null again.

import type { Measurements } from './measurements.ts';

export type VerdictBasis = Record<string, unknown>;

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** Without the run's settings, which stand in the result already. */
export function basisOf({ settings: _, ...measured }: Measurements): VerdictBasis {
  return withoutNulls(measured) as VerdictBasis;
}

const share = { usedCores: null, capCores: null };
const unknown = {
  completePerS: null,
  submitPerS: null,
  ratePerS: null,
  depth: null,
  slots: null,
  slotsBusyShare: null,
  serviceMeanUs: null,
  batchWaitP50Us: null,
  submitP50Us: null,
  machineUsedCores: null,
  settings: { flags: [], ownWorker: true, ownApi: true, serverHost: null },
};

/** What was judged. `basis` is believed to be one: check it where it comes from elsewhere. */
export function measurementsFrom(basis: VerdictBasis): Measurements {
  const { cpu, depth, serverInside, ...rest } = basis as unknown as Measurements;
  const parts = { generator: share, api: share, server: share, workers: share };
  const cpus = Object.entries(parts).map(([part, none]) => [part, { ...none, ...cpu?.[part as keyof typeof cpu] }]);
  return {
    ...unknown,
    ...rest,
    cpu: Object.fromEntries(cpus) as Measurements['cpu'],
    depth: depth ? { ...depth, slopePerS: depth.slopePerS ?? null, deepShare: depth.deepShare ?? null } : null,
    serverInside: serverInside
      ? {
          ...serverInside,
          redisCores: serverInside.redisCores ?? null,
          redisCapCores: serverInside.redisCapCores ?? null,
          diskWaitShare: serverInside.diskWaitShare ?? null,
          diskBusyShare: serverInside.diskBusyShare ?? null,
        }
      : null,
  };
}

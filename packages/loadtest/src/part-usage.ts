// What a part used between two readings of its own account. Pure.

import type { ProcessUsage } from '@jobstorm/telemetry';

export interface UsageReading {
  usage: ProcessUsage;
  /** Epoch microseconds. */
  atUs: number;
}

/** One part of the cluster over the run: the sum over its processes. */
export interface PartUsage {
  coreSeconds: number;
  /** coreSeconds over the time between its readings. */
  usedCores: number;
  rssBytes: number;
}

/** null when a reading is missing or no time lies between the two. */
export function usageBetween(before: UsageReading | undefined, after: UsageReading | undefined): PartUsage | null {
  if (!before || !after || after.atUs <= before.atUs) return null;
  const cpuUs = Math.max(0, after.usage.cpuUs - before.usage.cpuUs);
  return {
    coreSeconds: cpuUs / 1e6,
    usedCores: cpuUs / (after.atUs - before.atUs),
    rssBytes: Math.max(before.usage.rssBytes, after.usage.rssBytes),
  };
}

/** The sum over processes; null for none. */
export function sumUsage(parts: readonly PartUsage[]): PartUsage | null {
  if (parts.length === 0) return null;
  return parts.reduce((sum, part) => ({
    coreSeconds: sum.coreSeconds + part.coreSeconds,
    usedCores: sum.usedCores + part.usedCores,
    rssBytes: sum.rssBytes + part.rssBytes,
  }));
}

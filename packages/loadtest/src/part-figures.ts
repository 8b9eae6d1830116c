// What a run's parts used: CPU against their caps, CPU a thousand jobs, and memory.

import type { Measured, Missing } from './measured.ts';
import { type CpuPart, type CpuUse, cpuParts, type RunResult } from './result.ts';

export function cpuFigures(m: Measured, missing: Missing): RunResult['cpu'] {
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

export function costFigures(m: Measured, missing: Missing): RunResult['cost'] {
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

// What this process used so far, by its own account.

import type { ProcessUsage } from './snapshot.ts';

/** CPU since the start and memory now. `loopDelayP99Us` is for callers that keep a loop-delay histogram. */
export function measureUsage(loopDelayP99Us: number | null = null): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss(), loopDelayP99Us };
}

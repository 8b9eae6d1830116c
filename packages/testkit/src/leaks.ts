// Finds what a test left behind: sockets, listeners, timers and child processes that were not there when it began.
// What closes late (a socket's last event) gets a bounded time to go; what is still there then is a leak.

import { descendants } from './process-tree.ts';
import { until } from './until.ts';

/** Resource kinds of process.getActiveResourcesInfo() that a part must give back. File and DNS requests end by themselves. */
const kinds = new Set([
  'TCPServerWrap',
  'TCPSocketWrap',
  'PipeWrap',
  'PipeServerWrap',
  'ProcessWrap',
  'Timeout',
  'UDPWrap',
]);

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (kinds.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

export interface LeakWatch {
  /** What is there now and was not at the start, a phrase each; empty when all is clean. */
  found(): string[];
  /** Resolves once nothing is left. @throws Error that names what is left after `timeoutMs` */
  settle(timeoutMs?: number): Promise<void>;
}

/** Remembers what this process holds now. */
export function watchLeaks(): LeakWatch {
  const before = countResources();
  const childrenBefore = new Set(descendants());
  const found = (): string[] => {
    const leaks: string[] = [];
    for (const [kind, count] of countResources()) {
      const more = count - (before.get(kind) ?? 0);
      if (more > 0) leaks.push(`${more} ${kind}`);
    }
    const children = descendants().filter((pid) => !childrenBefore.has(pid));
    if (children.length > 0) leaks.push(`child process ${children.join(', ')}`);
    return leaks;
  };
  const settle = async (timeoutMs = 5000): Promise<void> => {
    await until('everything to be given back', () => found().length === 0, { timeoutMs }).catch(() => {
      const left = found();
      if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
    });
  };
  return { found, settle };
}

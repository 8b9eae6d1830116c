// How late this process's event loop is while something goes on.

import { monitorEventLoopDelay } from 'node:perf_hooks';

/** The monitor counts its own waiting in. */
const resolutionMs = 10;

export interface LoopDelay {
  p99Ms: number;
  maxMs: number;
}

/** Watches from now on, until it is asked. */
export function watchLoop(): () => LoopDelay {
  const loop = monitorEventLoopDelay({ resolution: resolutionMs });
  loop.enable();
  return () => {
    loop.disable();
    const lateMs = (ns: number) => Math.max(0, ns / 1e6 - resolutionMs);
    return { p99Ms: lateMs(loop.percentile(99)), maxMs: lateMs(loop.max) };
  };
}

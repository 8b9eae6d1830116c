// How many cores of this machine were in use over a while, by whomever: the sum over what the system says of its CPUs.

import { cpus } from 'node:os';

function totals(): { busyMs: number; wholeMs: number; cores: number } {
  const all = cpus();
  let busyMs = 0;
  let wholeMs = 0;
  for (const { times } of all) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    wholeMs += busy + times.idle;
  }
  return { busyMs, wholeMs, cores: all.length };
}

/** Starts to watch; the answer is the mean since then. null: too short to be told (the system counts in 10 ms steps). */
export function watchMachine(): () => number | null {
  const start = totals();
  return () => {
    const end = totals();
    const wholeMs = end.wholeMs - start.wholeMs;
    return wholeMs < 100 * end.cores ? null : ((end.busyMs - start.busyMs) / wholeMs) * end.cores;
  };
}

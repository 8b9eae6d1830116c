// How many files and sockets processes of this machine have open, as /proc tells it; null where there is no /proc to tell.

import { readdirSync } from 'node:fs';

/** Open file descriptors of one process; null: it is gone, is not ours to look into, or this system does not say. */
export function openHandles(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

/** The sum over processes; null when one of them, or all, can't be told. */
export function sumHandles(pids: readonly number[]): number | null {
  let sum = 0;
  for (const pid of pids) {
    const own = openHandles(pid);
    if (own === null) return null;
    sum += own;
  }
  return pids.length === 0 ? null : sum;
}

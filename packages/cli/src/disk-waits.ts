// How often processes wait for a disk (Linux): every tenth of a second each thread's state is looked at. One that waits for the kernel
// to have something written is in state D, whatever the disk is and whoever slows it down.
// Invariant: it only reads below /proc; its timer is gone after `stop`.

import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 100;

/** In the text of /proc/PID/task/TID/stat. */
export function isWaiting(stat: string): boolean {
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('D');
}

function anyWaits(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.some((thread) => isWaiting(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')));
  } catch {
    return false; // it has ended, or a thread of it has
  }
}

/** Looks so far, and those that found a thread waiting. */
export interface DiskLooks {
  looks: number;
  waiting: number;
}

export class DiskWaits {
  readonly #looks: DiskLooks = { looks: 0, waiting: 0 };
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[], look = () => pids.some(anyWaits)) {
    this.#timer = setInterval(() => {
      this.#looks.looks++;
      if (look()) this.#looks.waiting++;
    }, everyMs);
  }

  get sofar(): DiskLooks {
    return { ...this.#looks };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The share of the looks between that found a thread waiting; null: too few to say. */
export function waitShare(from: DiskLooks, to: DiskLooks): number | null {
  const looks = to.looks - from.looks;
  return looks < 5 ? null : (to.waiting - from.waiting) / looks;
}

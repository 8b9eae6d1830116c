// Runs that may only take so long, by that time: those with the same one come due in the order in which they started, so one timer
// for each length does for all of them.
// Invariant: `onDue` is called for a run that is still here when its time is over, not before, and once; after `close` there is no timer.

import type { Run } from './run.ts';

interface Line {
  readonly runs: Set<Run>;
  timer: NodeJS.Timeout | null;
}

export class Deadlines {
  readonly #onDue: (run: Run, ms: number) => void;
  readonly #lines = new Map<number, Line>();

  constructor(onDue: (run: Run, ms: number) => void) {
    this.#onDue = onDue;
  }

  /** From the run's start, so many milliseconds. */
  add(run: Run, ms: number): void {
    let line = this.#lines.get(ms);
    if (line === undefined) {
      line = { runs: new Set(), timer: null };
      this.#lines.set(ms, line);
    }
    line.runs.add(run);
    this.#arm(line, ms, ms);
  }

  delete(run: Run, ms: number): void {
    this.#lines.get(ms)?.runs.delete(run);
  }

  close(): void {
    for (const { timer } of this.#lines.values()) if (timer) clearTimeout(timer);
    this.#lines.clear();
  }

  #arm(line: Line, ms: number, waitMs: number): void {
    line.timer ??= setTimeout(() => {
      line.timer = null;
      this.#look(line, ms);
    }, Math.ceil(waitMs));
  }

  #look(line: Line, ms: number): void {
    const nowMs = performance.now();
    for (const run of line.runs) {
      const leftMs = run.startedMs + ms - nowMs;
      if (leftMs > 0) {
        this.#arm(line, ms, leftMs);
        return;
      }
      line.runs.delete(run);
      this.#onDue(run, ms);
    }
  }
}

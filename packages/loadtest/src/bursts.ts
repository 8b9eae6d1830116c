// Jobs that come all at once, again and again: `5000/10s` is 5,000 at the start, 5,000 after ten seconds, and so on.

import { openPacer, type Pacer } from './pacer.ts';

export interface Bursts {
  /** In each. */
  jobs: number;
  everyMs: number;
}

/** @throws RangeError when a burst has no job, or no time lies between two */
export function burstPacer({ jobs, everyMs }: Bursts): Pacer {
  if (!(jobs >= 1) || !Number.isInteger(jobs) || !(everyMs > 0) || !Number.isFinite(everyMs)) {
    throw new RangeError(`bursts of ${jobs} jobs every ${everyMs} ms`);
  }
  return openPacer(
    (seq) => Math.floor(seq / jobs) * everyMs,
    (elapsedMs) => (elapsedMs < 0 ? 0 : (Math.floor(elapsedMs / everyMs + 1e-9) + 1) * jobs),
  );
}

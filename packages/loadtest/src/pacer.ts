// When the next job is due: `(elapsed, sent) → wait`, pure. An open run is paced by the planned times and never by replies, so
// a late send counts against latency and not against the load (no coordinated omission). In the manner of vegeta's pacer.
// Invariant: job `seq` is due at the moment when the integral of the rate reaches `seq`; times never go back from one to the next.

export interface Pacer {
  /** Milliseconds from now until the next job may go, given `elapsedMs` since the start and `sent` jobs; 0: at once. */
  wait(elapsedMs: number, sent: number): number;
  /** How many jobs are due by `elapsedMs`: the ones to have been sent by then. Infinity in a closed run. */
  dueBy(elapsedMs: number): number;
  /** When job `seq` is due, in milliseconds since the start; null in a closed run, where a job is due when it is sent. */
  dueMs(seq: number): number | null;
}

/** As fast as replies come back. */
export const closedPacer: Pacer = { wait: () => 0, dueBy: () => Number.POSITIVE_INFINITY, dueMs: () => null };

/** The pacer of an open run from its two directions: the time of a job, and the jobs of a time. */
export function openPacer(dueMs: (seq: number) => number, dueBy: (elapsedMs: number) => number): Pacer {
  return { wait: (elapsedMs, sent) => Math.max(0, dueMs(sent) - elapsedMs), dueBy, dueMs };
}

/** `ratePerS` jobs a second, evenly spaced from 0 on. @throws RangeError when the rate is not above 0 */
export function constantPacer(ratePerS: number): Pacer {
  if (!(ratePerS > 0) || !Number.isFinite(ratePerS)) {
    throw new RangeError(`rate ${ratePerS}: expected more than 0 jobs a second`);
  }
  return openPacer(
    (seq) => (seq / ratePerS) * 1000,
    (elapsedMs) => (elapsedMs < 0 ? 0 : Math.floor((elapsedMs * ratePerS) / 1000 + 1e-9) + 1),
  );
}

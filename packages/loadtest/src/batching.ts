// What joining jobs into batches cost a job and bought the run, of a run alone or beside one without batches: sentences, pure.
// Invariant: what they bought in jobs/s is only said where a run without them was measured.

export interface BatchingSide {
  /** Time that a job waited for its batch to leave, the median, in microseconds; null: not measured. */
  waitP50Us: number | null;
  /** Jobs a second that were completed; null: not measured. */
  perS: number | null;
}

/** What a run's own batches were: jobs that went in PUSHBs, and how many PUSHBs those were. */
export interface Joined {
  jobs: number;
  pushes: number;
}

function time(us: number): string {
  return us < 1000 ? `${Math.round(us)} us` : `${(us / 1000).toFixed(1)} ms`;
}

/** null: one of the figures was not measured. */
export function batchingSentence(batched: BatchingSide, single: BatchingSide): string | null {
  const { waitP50Us, perS } = batched;
  if (waitP50Us === null || single.waitP50Us === null || perS === null || single.perS === null || single.perS === 0)
    return null;
  const costUs = waitP50Us - single.waitP50Us;
  const cost = costUs >= 0 ? `cost ${time(costUs)}` : `saved ${time(-costUs)}`;
  return `batching ${cost} at p50 and bought ${(perS / single.perS).toFixed(1)}x jobs/s`;
}

/** What is known of batching without a run that had none. null: nothing was joined, or it was not measured. */
export function joinedSentence(waitP50Us: number | null, joined: Joined | null): string | null {
  if (waitP50Us === null || joined === null || joined.pushes === 0) return null;
  const { jobs, pushes } = joined;
  const each = (jobs / pushes).toFixed(jobs < 10 * pushes ? 1 : 0);
  const calls = (count: number) => count.toLocaleString('en-GB');
  return `cost ${time(waitP50Us)} at p50; ${each} jobs a PUSHB: ${calls(pushes)} calls to the server in place of ${calls(jobs)}`;
}

// What joining jobs into batches cost a job and bought the run, from a run with and one without: a sentence, pure.

export interface BatchingSide {
  /** Time that a job waited for its batch to leave, the median, in microseconds; null: not measured. */
  waitP50Us: number | null;
  /** Jobs a second that were completed; null: not measured. */
  perS: number | null;
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

// Whether a run's figures may be quoted: `(measurements) → reasons against`, pure. What the measured system could not do is the
// verdict and never a fault; faults are the ones of the measuring itself.

export interface ValidityInput {
  /** Lateness of the generator's event loop (the control room shares it), in ms; null: not measured. */
  loopDelayP99Ms: number | null;
  loopDelayMaxMs: number | null;
  /** Cores that the generator used, of the one that it can use; null: not measured. */
  generatorCores: number | null;
  /** Length of the run in seconds. */
  activeS: number;
  /** The queue ran empty while jobs were still to be submitted, so the generator's pace is the figure. */
  starved: boolean;
  /** Workers registered when the run began, and those that went away before its end. */
  workersAtStart: number;
  workersLost: readonly string[];
  /** Planned jobs of an open run that were not sent in time. */
  dropped: number;
  refused: ReadonlyMap<string, number>;
  /** Jobs that failed, when not one was completed; 0 otherwise. */
  onlyFailed: number;
  uncertain: number;
  uncertainReason: string | null;
  /** A rate is judged (a threshold on throughput) and there is no steady window. */
  rateJudgedUnsteady: boolean;
}

export const validityLimits = {
  loopDelayP99Ms: 250,
  loopDelayMaxMs: 2000,
  generatorCores: 0.95,
  /** Below this a busy generator says nothing: start-up alone keeps it busy. */
  generatorJudgedFromS: 2,
} as const;

function generatorFaults(o: ValidityInput): string[] {
  const faults = [];
  const { loopDelayP99Ms, loopDelayMaxMs, generatorCores, generatorJudgedFromS } = validityLimits;
  if (o.loopDelayP99Ms !== null && o.loopDelayP99Ms > loopDelayP99Ms) {
    faults.push(
      `the generator's event loop was ${Math.round(o.loopDelayP99Ms)} ms late at p99 (limit ${loopDelayP99Ms} ms): it was short of CPU`,
    );
  } else if (o.loopDelayMaxMs !== null && o.loopDelayMaxMs > loopDelayMaxMs) {
    faults.push(`the generator stood still for ${Math.round(o.loopDelayMaxMs)} ms (limit ${loopDelayMaxMs} ms)`);
  }
  if (
    o.starved &&
    o.generatorCores !== null &&
    o.generatorCores > generatorCores &&
    o.activeS >= generatorJudgedFromS
  ) {
    faults.push(
      `the generator used ${o.generatorCores.toFixed(2)} of the 1 core it can use while the queue stood empty: it was what was measured`,
    );
  }
  return faults;
}

/** One sentence for each fault; none: the run is valid. */
export function invalidReasons(o: ValidityInput): string[] {
  const reasons = generatorFaults(o);
  if (o.workersAtStart === 0) reasons.push('no worker was registered when the run began');
  for (const worker of o.workersLost) reasons.push(`${worker} went away during the run`);
  if (o.onlyFailed > 0) {
    reasons.push(
      `not one job was completed and ${o.onlyFailed} failed: does the worker have a handler for this job type?`,
    );
  }
  if (o.dropped > 0) reasons.push(`${o.dropped} planned jobs could not be sent in time and were dropped`);
  for (const [reason, count] of o.refused) reasons.push(`${count} jobs were refused: ${reason}`);
  if (o.uncertain > 0) {
    reasons.push(
      `for ${o.uncertain} jobs no answer came, so it is not known whether they were taken: ${o.uncertainReason}`,
    );
  }
  if (o.rateJudgedUnsteady) reasons.push('a rate is judged, but the run had no steady window: give it more jobs');
  return reasons;
}

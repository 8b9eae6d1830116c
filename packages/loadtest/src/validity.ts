// Whether a run's figures may be quoted: `(measurements) → reasons against`, pure. What the measured system could not do is the
// verdict and never a fault; faults are the ones of the measuring itself.

export interface ValidityInput {
  /** Lateness of the generator's event loop (the control room shares it), in ms; null: not measured. */
  loopDelayP99Ms: number | null;
  loopDelayMaxMs: number | null;
  /** Cores that the generator used, of the one that it can use; null: not measured. */
  generatorCores: number | null;
  /** Its processes, each of which can use one. */
  generators?: number;
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
  /** A rate is judged (by a threshold, a baseline, other settings) and there is no steady window. */
  rateJudgedUnsteady: boolean;
  /** Generator and workers shared a machine that had no core to spare; null: they did not. */
  sharedCores: { usedCores: number; cpus: number } | null;
  /** A threshold judges a rate. Another run's under the same conditions is no such thing: it shared its cores as well. */
  rateThreshold: boolean;
  /** By how much a worker's clock is at least ahead of the generator's; null: not known. */
  clockAheadMs: number | null;
  /** How long the control room took to answer at most; null: it was not asked. */
  roomAnswerMs: number | null;
}

export const validityLimits = {
  loopDelayP99Ms: 250,
  loopDelayMaxMs: 2000,
  generatorCores: 0.95,
  clockAheadMs: 20,
  roomAnswerMs: 2000,
  /** Below this a busy generator says nothing: start-up alone keeps it busy. */
  generatorJudgedFromS: 2,
  /** Shorter runs can't have a steady window. */
  steadyFromS: 1,
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
    o.generatorCores > generatorCores * (o.generators ?? 1) &&
    o.activeS >= generatorJudgedFromS
  ) {
    faults.push(
      `the generator used ${o.generatorCores.toFixed(2)} of the ${o.generators ?? 1} ${(o.generators ?? 1) === 1 ? 'core' : 'cores'} it can use while the queue stood empty: it was what was measured`,
    );
  }
  return faults;
}

function sharedText({ usedCores, cpus }: NonNullable<ValidityInput['sharedCores']>): string {
  return `generator and workers shared ${cpus} cores, of which ${usedCores.toFixed(2)} were in use`;
}

/** What is no fault by itself. */
export function notesOn(o: {
  activeS: number | null;
  steady: boolean;
  sharedCores: ValidityInput['sharedCores'];
}): string[] {
  const notes = [];
  if (o.activeS !== null && !o.steady && o.activeS < validityLimits.steadyFromS) {
    notes.push(
      `it lasted ${Math.max(1, Math.round(o.activeS * 1000))} ms, which is no steady rate: a --duration or more jobs give one`,
    );
  }
  if (o.sharedCores) notes.push(`${sharedText(o.sharedCores)}: the rate is what was left for the workers`);
  return notes;
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
  const { clockAheadMs, roomAnswerMs } = validityLimits;
  if (o.roomAnswerMs !== null && o.roomAnswerMs > roomAnswerMs) {
    reasons.push(
      `the control room took ${Math.round(o.roomAnswerMs)} ms to answer (limit ${roomAnswerMs} ms): it was short of CPU`,
    );
  }
  if (o.clockAheadMs !== null && o.clockAheadMs > clockAheadMs) {
    reasons.push(
      `a worker's clock is at least ${Math.round(o.clockAheadMs)} ms ahead of the generator's (limit ${clockAheadMs} ms): latencies between them are wrong`,
    );
  }
  if (o.rateJudgedUnsteady) reasons.push('a rate is judged, but the run had no steady window: give it more jobs');
  if (o.rateThreshold && o.sharedCores) {
    reasons.push(
      `a rate is judged, but ${sharedText(o.sharedCores)}: put the worker on another host, or judge by --baseline`,
    );
  }
  return reasons;
}

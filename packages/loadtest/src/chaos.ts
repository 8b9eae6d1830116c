// A run in which something is killed on purpose: when, whom, what came of the jobs, and how soon it was as before. Pure: the seed decides, and
// every figure follows from what was written down.

import { seededRandom } from './random.ts';
import type { TimelineSample } from './timeline.ts';

/** The next kill: after so long, this one of `victims`. */
export interface Kill {
  afterMs: number;
  victim: number;
}

/** Kills by chance, `everyMs` apart on average (half of it at least, half more at most); the same seed gives the same ones. */
export function killSchedule(seed: number, everyMs: number): (victims: number) => Kill {
  const random = seededRandom(seed);
  return (victims) => {
    const afterMs = everyMs * (0.5 + random());
    return { afterMs, victim: Math.floor(random() * victims) };
  };
}

export interface ChaosInput {
  submitted: number;
  accepted: number;
  refused: number;
  /** Sent and never answered: whether they were taken is not known. */
  uncertain: number;
  /** Different jobs whose handler ran to its end, and the runs beyond the first of a job, as written down where no kill can undo it. */
  executed: number;
  repeated: number;
  /** Jobs of the run that were acknowledged, as workers lived to report. */
  reported: number;
  /** What the job server still holds of the run's queue; null: not known. */
  held: number | null;
}

export interface ChaosLedger {
  accepted: number;
  completed: number;
  /** Neither run nor held by the server any more, however the unanswered ones are counted. */
  lost: number;
  /** Jobs that were run more than once: their worker died between the job's end and its acknowledgement. */
  duplicated: number;
  /** Run by a worker that died before it could report it. */
  unreported: number;
  /** Of the unanswered ones, those that were never run: they may not have been taken. */
  unanswered: number;
  /** Still waiting, running or to be retried at the end. */
  held: number;
}

export function chaosLedger(o: ChaosInput): ChaosLedger {
  const missing = Math.max(0, o.submitted - o.refused - o.executed);
  const held = Math.min(missing, o.held ?? 0);
  const unanswered = Math.min(o.uncertain, missing - held);
  return {
    accepted: o.accepted,
    completed: o.executed,
    lost: missing - held - unanswered,
    duplicated: o.repeated,
    unreported: Math.max(0, o.executed - o.reported),
    unanswered,
    held,
  };
}

/** What was killed, and how soon it was as before. */
export interface KillRecord {
  atS: number;
  what: string;
  /** Seconds until its replacement worked; null: it did not come. */
  replacedS: number | null;
}

export interface Recovery extends KillRecord {
  /** Seconds until jobs were completed as fast as before, within a fifth; null: they were not any more before the end, or it can't be told. */
  rateBackS: number | null;
}

/** A chaos-test as its result has it. */
export interface ChaosReport {
  ledger: ChaosLedger;
  kills: Recovery[];
}

const asBefore = 0.8;
const samplesBefore = 4;

const rateOf = ({ counts, lengthS }: TimelineSample): number => counts.completed / lengthS;

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function recoveriesOf(kills: readonly KillRecord[], samples: readonly TimelineSample[]): Recovery[] {
  return kills.map((kill) => {
    const before = samples.filter(({ atS }) => atS <= kill.atS).slice(-samplesBefore);
    const usual = medianOf(before.map(rateOf));
    // The sample that the kill fell into began before it.
    const back = samples.find(
      (sample) => sample.atS - sample.lengthS >= kill.atS && rateOf(sample) >= asBefore * usual,
    );
    return { ...kill, rateBackS: usual > 0 && back ? back.atS - kill.atS : null };
  });
}

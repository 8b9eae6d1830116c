// What recording costs a run: the same setting with it (on), with it once more (again) and without it (off), in turns. How far the two
// equal ones lie apart is the noise that the cost is to be read beside. Pure; judged by compare.ts's rule alone.
// Invariant: a cost is of `on` beyond `off`, in the figure's own unit, so that a rate's cost is negative where recording slows.

import { compareResults, type FigureCompared, type Finding } from './compare.ts';
import type { RunResult } from './result.ts';

/** A figure with recording and without, jobs/s or microseconds of CPU a job. */
export interface OverheadFigure {
  on: number;
  off: number;
  /** on - off, and its interval; null: how much it varies is not known. */
  cost: number;
  costLow: number | null;
  costHigh: number | null;
  /** Of `on` against `off`; null: not judged. */
  finding: Finding | null;
  /** Between the two equal settings. */
  equalDiffer: number | null;
  equalFinding: Finding | null;
}

export interface Overhead {
  /** null: it was not measured. */
  completePerS: OverheadFigure | null;
  /** Of the workers. */
  cpuUsPerJob: OverheadFigure | null;
  basis: string;
}

/** Core-seconds for 1,000 jobs → microseconds a job. */
const usOfCoreS = 1000;

function figure(
  off: FigureCompared | undefined,
  equal: FigureCompared | undefined,
  factor: number,
): OverheadFigure | null {
  if (!off) return null;
  const share = (percent: number) => (percent / 100) * off.a * factor;
  const { lowPercent, highPercent } = off;
  return {
    on: off.b * factor,
    off: off.a * factor,
    cost: share(off.changePercent),
    costLow: lowPercent === null ? null : share(lowPercent),
    costHigh: highPercent === null ? null : share(highPercent),
    finding: off.finding,
    equalDiffer: equal ? (equal.changePercent / 100) * equal.a * factor : null,
    equalFinding: equal?.finding ?? null,
  };
}

/** @param paired each took place as often as the others, in turns */
export function overheadOf(on: RunResult, again: RunResult, off: RunResult, paired: boolean): Overhead {
  const [cost, equal] = [compareResults(off, on, paired), compareResults(on, again, paired)];
  const at = (path: string, factor: number) => {
    const of = ({ figures }: typeof cost) => figures.find((one) => one.path === path);
    return figure(of(cost), of(equal), factor);
  };
  return {
    completePerS: at('throughput.completePerS', 1),
    cpuUsPerJob: at('cost.workerCoreSecondsPer1kJobs', usOfCoreS),
    basis: cost.basis,
  };
}

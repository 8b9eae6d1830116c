// A rate that changes in straight lines: `1000:20000/60s` rises from 1,000 to 20,000 jobs a second within a minute, `5000/30s` holds,
// and several of them, with commas, follow each other. The planned times are exact: a job is due when the area under the line
// reaches its number, and both directions are solved, not summed up step by step.

import { openPacer, type Pacer } from './pacer.ts';

export interface RampStage {
  /** Jobs a second at its start and at its end. */
  fromPerS: number;
  toPerS: number;
  overMs: number;
}

interface Line extends RampStage {
  startMs: number;
  /** Jobs due before it, and in it; fractions count. */
  before: number;
  area: number;
}

const areaOf = ({ fromPerS, toPerS, overMs }: RampStage): number => ((fromPerS + toPerS) / 2) * (overMs / 1000);

function linesOf(stages: readonly RampStage[]): Line[] {
  let startMs = 0;
  let before = 0;
  return stages.map((stage) => {
    const line = { ...stage, startMs, before, area: areaOf(stage) };
    startMs += stage.overMs;
    before += line.area;
    return line;
  });
}

/** Jobs of the whole ramp. */
export function rampJobs(stages: readonly RampStage[]): number {
  return Math.floor(stages.reduce((sum, stage) => sum + areaOf(stage), 0) + 1e-9);
}

/** How long it takes, in milliseconds. */
export function rampMs(stages: readonly RampStage[]): number {
  return stages.reduce((sum, { overMs }) => sum + overMs, 0);
}

/** Milliseconds into the line at which `jobs` of its own are due. */
function timeIn({ fromPerS, toPerS, overMs }: Line, jobs: number): number {
  const slope = (toPerS - fromPerS) / (overMs / 1000);
  // The root of fromPerS * t + slope / 2 * t² = jobs, in the form that loses no digits when the line is nearly flat.
  return ((2 * jobs) / (fromPerS + Math.sqrt(Math.max(0, fromPerS ** 2 + 2 * slope * jobs)))) * 1000;
}

function areaBy({ fromPerS, toPerS, overMs }: Line, elapsedMs: number): number {
  const t = elapsedMs / 1000;
  return fromPerS * t + ((toPerS - fromPerS) / (overMs / 1000) / 2) * t * t;
}

/** @throws RangeError when a stage has no length, a rate is below 0, or not one job is due in all of it */
export function rampPacer(stages: readonly RampStage[]): Pacer {
  for (const { fromPerS, toPerS, overMs } of stages) {
    if (!(overMs > 0) || !(fromPerS >= 0) || !(toPerS >= 0)) {
      throw new RangeError(`a ramp from ${fromPerS} to ${toPerS} jobs a second over ${overMs} ms`);
    }
  }
  if (rampJobs(stages) < 1) throw new RangeError('a ramp in which not one job is due');
  const lines = linesOf(stages);
  const total = lines.reduce((sum, { area }) => sum + area, 0);
  const endMs = rampMs(stages);
  const dueMs = (seq: number): number => {
    if (seq >= total) return endMs;
    const line = lines.find(({ before, area }) => seq < before + area)!;
    return seq <= line.before ? line.startMs : Math.min(line.overMs, timeIn(line, seq - line.before)) + line.startMs;
  };
  const dueBy = (elapsedMs: number): number => {
    if (elapsedMs < 0) return 0;
    const line = lines.find(({ startMs, overMs }) => elapsedMs < startMs + overMs);
    const area = line ? line.before + areaBy(line, elapsedMs - line.startMs) : total;
    return Math.floor(area + 1e-9) + 1;
  };
  return openPacer(dueMs, dueBy);
}

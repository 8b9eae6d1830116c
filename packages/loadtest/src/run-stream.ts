// A run as a stream of JSON lines: a header, then samples and marks as they come, then the end with the result. It is written while the
// run goes, so that a run that was cut short can be looked at up to there; docs/reports.md shows the lines.

import type { RunResult } from './result.ts';
import type { TimelineMark, TimelineSample } from './timeline.ts';
import type { Measured as TrialMeasured } from './tune/goal.ts';
import type { Stage } from './tune/search.ts';
import type { Setting } from './tune/setting.ts';
import type { Curve } from './tune/usl.ts';
import type { Verdict } from './verdict.ts';

export type StreamHeader = {
  type: 'header';
  streamVersion: 1;
  /** Between two samples, in seconds, as planned. */
  intervalS: number;
  /** What `atS` counts from, in epoch milliseconds; null: the run did not begin. */
  zeroMs: number | null;
} & Pick<RunResult, 'run' | 'config' | 'environment'>;

/** A trial of a tuning; a later line of the same number takes its place. */
export interface TrialLine {
  type: 'trial';
  number: number;
  /** How many there will be, about. */
  of: number;
  setting: Setting;
  stage: Stage;
  why: string;
  /** `repeated`: it could not be judged, and another one was made in its place. */
  state: 'running' | 'measured' | 'repeated';
  measured: TrialMeasured | null;
  /** 95%, of its rate. */
  intervalPerS: readonly [number, number] | null;
  /** What the tuning is after, in words. */
  goal: string;
  /** Under that goal: the higher the better; null: not measured. */
  score: number | null;
  note: string;
}

export type StreamLine =
  | TrialLine
  | { type: 'stage'; what: string; atS: number; lengthS: number | null }
  | { type: 'curve'; curve: Curve | null; knee: number | null }
  | ({ type: 'verdict' } & Verdict)
  | StreamHeader
  | ({ type: 'sample' } & TimelineSample)
  | ({ type: 'mark' } & TimelineMark)
  | { type: 'end'; result: RunResult };

/** Fractions of a sample with three digits: milliseconds and thousandths of a core. */
function short(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1000) / 1000 : value;
}

/** One line, with its end. */
export function streamText(line: StreamLine): string {
  return `${JSON.stringify(line, line.type === 'sample' || line.type === 'mark' ? short : undefined)}\n`;
}

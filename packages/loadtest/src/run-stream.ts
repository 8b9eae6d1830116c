// A run as a stream of JSON lines: a header, then samples and marks as they come, then the end with the result. It is written while the
// run goes, so that a run that was cut short can be looked at up to there; docs/reports.md shows the lines.

import type { RunResult } from './result.ts';
import type { TimelineMark, TimelineSample } from './timeline.ts';

export type StreamHeader = {
  type: 'header';
  streamVersion: 1;
  /** Between two samples, in seconds, as planned. */
  intervalS: number;
  /** What `atS` counts from, in epoch milliseconds; null: the run did not begin. */
  zeroMs: number | null;
} & Pick<RunResult, 'run' | 'config' | 'environment'>;

export type StreamLine =
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

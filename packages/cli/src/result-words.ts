// Names and figures of a result as every report writes them.

import type { RunResult, SoakSlope } from '@jobstorm/loadtest';
import { bytes, micros } from './format.ts';

const phaseTitles: Readonly<Record<string, string>> = {
  endToEnd: 'end to end',
  batchWait: 'batch wait',
  queueWait: 'queue wait',
  sendLag: 'send lag',
  fireLag: 'fire lag',
};

/** `queueWait` → queue wait. */
export function phaseTitle(phase: string): string {
  return phaseTitles[phase] ?? phase;
}

/** As precise as the limit may have been given; times in the unit that fits. */
export function thresholdValue(expression: string, value: number | null): string {
  if (value === null) return 'not measured';
  if (/^latency/.test(expression) && !/\.count\b/.test(expression)) return micros(value);
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 6 });
}

/** How well the rate is known: `, ±2.1%`. */
export function intervalText({ precision, throughput }: RunResult): string {
  const known = precision.completePerS;
  if (!known || !throughput.completePerS) return '';
  return `, ±${(((known.high - known.low) / 2 / throughput.completePerS) * 100).toFixed(1)}%`;
}

const slopeUnits: Record<SoakSlope['unit'], (value: number) => string> = {
  bytes,
  handles: (value) => value.toFixed(1),
  us: micros,
  jobs: (value) => value.toFixed(1),
};

/** A slope of a soak: its mean, how much it is an hour, and the interval of that. */
export function slopeWords({
  unit,
  mean,
  perHour,
  low,
  high,
}: SoakSlope): [mean: string, hour: string, interval: string] {
  const show = slopeUnits[unit];
  const signed = (value: number) => `${value < 0 ? '-' : '+'}${show(Math.abs(value))}`;
  const shown = mean === null ? '-' : show(mean);
  if (perHour === null || low === null || high === null) return [shown, '-', '-'];
  return [shown, signed(perHour), `${signed(low)} to ${signed(high)}`];
}

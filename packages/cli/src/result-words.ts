// Names and figures of a result as every report writes them.

import type { RunResult } from '@jobstorm/loadtest';
import { micros } from './format.ts';

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

// Tunings of one system, one after the other, as text: each with its choice's rate and its interval beside that of the grid's best, and
// how far the choices differ. Pure.

import { studentT } from '@jobstorm/loadtest';
import type { Rounds } from './rounds.ts';

/** Jobs a second, and its 95% interval. */
export interface Rate {
  perS: number;
  low: number;
  high: number;
}

const whole = (value: number) => Math.round(value).toLocaleString('en-GB');

/** `6,310 (6,200 to 6,420)` */
export const rateText = ({ perS, low, high }: Rate) => `${whole(perS)} (${whole(low)} to ${whole(high)})`;

/** Of values that stand for the same thing: their mean, its 95% interval, and their standard deviation; a single one has neither. */
function summed(values: readonly number[]): { mean: number; half: number | null; deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, half: null, deviation: null };
  const freedom = values.length - 1;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom);
  return { mean, half: (studentT(0.05, freedom) * deviation) / Math.sqrt(values.length), deviation };
}

/** By how much the highest is above the lowest, and their standard deviation, relative. */
function spreadText(values: readonly number[]): string {
  const { mean, deviation } = summed(values);
  if (deviation === null) return 'measured once';
  const range = Math.max(...values) / Math.min(...values) - 1;
  const percent = (value: number) => `${(value * 100).toFixed(1)}%`;
  return `${percent(range)} from the lowest to the highest, standard deviation ${percent(deviation / mean)}`;
}

/** A line a tuning, and three that sum them up; `taken`: by column key. */
export function tuningsText(taken: NonNullable<ReturnType<Rounds['get']>>): string[] {
  const values = (key: string) => taken.get(key)?.values ?? [];
  const at = (key: string, round: number) => values(key)[round]!;
  const lines = values('ratePerS').map((perS, round) => {
    const choice = rateText({ perS, low: at('low', round), high: at('high', round) });
    const best = rateText({ perS: at('bestPerS', round), low: at('bestLow', round), high: at('bestHigh', round) });
    const setting = `${whole(at('slots', round))} slots, ${at('cpus', round)} CPUs${at('same', round) === 1 ? ' (the same)' : ''}`;
    const cost = `${at('trials', round)} trials, ${at('seconds', round).toFixed(0)} s`;
    return `${String(round + 1).padStart(2)}  ${setting}: ${choice} jobs/s; grid's best again: ${best}; ${at('share', round).toFixed(3)} of it; ${cost}`;
  });
  const { mean, half } = summed(values('share'));
  const interval = half === null ? '' : ` (95%: ${(mean - half).toFixed(3)} to ${(mean + half).toFixed(3)})`;
  const named = values('named').filter((each) => each === 1).length;
  return [
    ...lines,
    `share of the grid's best: ${mean.toFixed(3)} on average${interval}; the limit was named right in ${named} of ${lines.length}`,
    `rates of the choices: ${spreadText(values('ratePerS'))}`,
    `rates of one setting, the grid's best, measured as often: ${spreadText(values('bestPerS'))}`,
  ];
}

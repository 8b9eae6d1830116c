// What a tuning says at a terminal: a line a trial, and in the end what it found.

import {
  describeGoal,
  describeSetting,
  type Found,
  type FrontPoint,
  type Goal,
  meanOf,
  ratePerCore,
  type Setting,
  type TrialMeasured,
} from '@jobstorm/loadtest';
import { micros, rate, whole } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import { cpusText } from './compose-defaults.ts';

/** The line that starts a worker with that setting. */
export function workerLine({ slots, cpus }: Setting): string {
  return `just worker ${slots} ${cpusText(cpus)}`;
}

export function measuredText(measured: TrialMeasured): string {
  const perCore = ratePerCore(measured);
  return [
    rate(measured.ratePerS),
    ...(measured.p99Us === null ? [] : [`p99 ${micros(measured.p99Us)}`]),
    ...(perCore === null ? [] : [`${whole(perCore)} a core`]),
    `limit: ${measured.bottleneck.replaceAll('-', ' ')}`,
  ].join(', ');
}

export function trialLine(number: number, of: number, setting: Setting, said: string): string {
  return `trial ${String(number).padStart(2)} of ~${of}   ${describeSetting(setting)}   ${said}\n`;
}

function frontText(front: readonly FrontPoint[], t: Terminal): string {
  if (front.length < 2) return '';
  const rows = front
    .slice(0, 8)
    .map(({ setting, measured }) => `  ${describeSetting(setting)}: ${measuredText(measured)}\n`);
  return `\n${t.bold('nothing else is better at one thing and as good at the rest')}\n${rows.join('')}`;
}

export function foundText(found: Found, front: readonly FrontPoint[], goal: Goal, t: Terminal): string {
  const { winner, verified, stopped, book } = found;
  const searched = book.mean(winner)!;
  const outside = verified.length > 0 ? meanOf(verified) : null;
  const lines = [
    '',
    t.bold(`found: ${describeSetting(winner)}`),
    `  goal      ${describeGoal(goal)}`,
    `  in search ${measuredText(searched)}`,
    ...(outside ? [`  verified  ${measuredText(outside)}`] : ['  not verified: no trials were left']),
    `  stopped   ${stopped}`,
    `  noise     one trial is off by ${(book.noise * 100).toFixed(1)}% or so`,
    '',
    `  ${t.bold(workerLine(winner))}`,
    `  BATCH_MAX_SIZE=${winner.batchSize} BATCH_MAX_DELAY_MS=${winner.batchDelayMs} just server`,
    '',
  ];
  return `${lines.join('\n')}${frontText(front, t)}`;
}

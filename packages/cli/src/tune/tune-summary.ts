// What a tuning says at a terminal: what it would do, a line a trial, and in the end what it found. Pure.

import {
  type Dimension,
  describeGoal,
  describeSetting,
  dimensions,
  type Found,
  type FrontPoint,
  type Goal,
  gridOf,
  meanOf,
  ratePerCore,
  type SearchOptions,
  type Setting,
  settingKey,
  type Trial,
  type TrialAsk,
  type TrialMeasured,
  type Verdict,
} from '@jobstorm/loadtest';
import { micros, rate, whole } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import { cpusText } from './compose-defaults.ts';
import type { TrialOutcome } from './trial-runner.ts';
import type { TuneConfig } from './tune-settings.ts';

/** From here on what was verified is another figure than what the search went by. */
const driftFrom = 0.15;

/** One worker's share of what all of them have together. */
export function shareOf(setting: Setting, workers: number): Setting {
  return { ...setting, slots: Math.ceil(setting.slots / workers), cpus: Math.ceil((setting.cpus / workers) * 10) / 10 };
}

/** The line that starts a worker with that setting. */
export function workerLine({ slots, cpus }: Setting): string {
  return `just worker ${slots} ${cpusText(cpus)}`;
}

const limitText = (bottleneck: string) => bottleneck.replaceAll('-', ' ');

export function measuredText(measured: TrialMeasured, intervalPerS: readonly [number, number] | null = null): string {
  const perCore = ratePerCore(measured);
  const half = intervalPerS && (intervalPerS[1] - intervalPerS[0]) / 2 / measured.ratePerS;
  return [
    `${rate(measured.ratePerS)}${half === null ? '' : ` ±${Math.max(1, Math.round(half * 100))}%`}`,
    ...(measured.p99Us === null ? [] : [`p99 ${micros(measured.p99Us)}`]),
    ...(perCore === null ? [] : [`${whole(perCore)} a core`]),
    `limit: ${limitText(measured.bottleneck)}`,
  ].join(', ');
}

/** Those that a tuning moves: what is held says nothing, line after line. */
function movedDimensions({ bounds }: SearchOptions): Dimension[] {
  const moving = dimensions.filter((dimension) => bounds[dimension][0] !== bounds[dimension][1]);
  return moving.length > 0 ? moving : [...dimensions];
}

/** A line for each trial. */
export class TrialText {
  readonly #moving: readonly Dimension[];
  readonly #t: Terminal;

  constructor(search: SearchOptions, t: Terminal) {
    this.#moving = movedDimensions(search);
    this.#t = t;
  }

  line(number: number, of: number, { setting, why }: TrialAsk, outcome: TrialOutcome): string {
    const t = this.#t;
    const head = `trial ${String(number).padStart(2)} of ~${of}  ${describeSetting(setting, this.#moving)}`;
    if (outcome.why !== null) return `${head}: ${t.yellow(`again, since ${outcome.why}`)}\n`;
    const early = outcome.endedEarly ? t.yellow('; lost: ended early') : '';
    return `${head}: ${measuredText(outcome.measured, outcome.intervalPerS)}${early}${t.dim(`  (${why})`)}\n`;
  }
}

export interface FoundView {
  found: Found;
  front: readonly FrontPoint[];
  goal: Goal;
  history: readonly Trial[];
  /** Of the trial that was measured last; null: none was this time. */
  verdict: Verdict | null;
  search: SearchOptions;
  /** That share the slots and CPUs of a setting. */
  workers: number;
  /** Batches were tuned too. */
  hasBatches: boolean;
  t: Terminal;
}

function frontText({ front, search, t }: FoundView): string {
  if (front.length < 2) return '';
  const moving = movedDimensions(search);
  const rows = front
    .slice(0, 8)
    .map(({ setting, measured }) => `  ${describeSetting(setting, moving)}: ${measuredText(measured)}\n`);
  const of = front.length > 8 ? `, the first 8 of ${front.length}` : '';
  return `\n${t.bold(`trade-offs: rate, p99 at 80% of it, rate a core; nothing tried beats one of these at all three${of}`)}\n${rows.join('')}`;
}

/** What the winner was as good as; null: it is the best one itself. */
function tiedText({ found: { winner, book }, search }: FoundView): string | null {
  const allowed = book.ranked().filter((each) => book.isAllowed(each));
  const best = allowed[0];
  if (!best || settingKey(best) === settingKey(winner)) return null;
  const off = book.gain(best, winner) * 100;
  const than = off < 0.05 ? 'as fast as' : `${off.toFixed(1)}% below`;
  return `the cheapest of what is as good: ${than} ${describeSetting(best, movedDimensions(search))}, within noise`;
}

/** The machine was another one when the winner was verified; null: it was not. */
function driftText({ found: { winner, verified, book } }: FoundView): string | null {
  if (verified.length === 0) return null;
  const off = Math.log(meanOf(verified).ratePerS / book.mean(winner)!.ratePerS);
  if (Math.abs(off) < Math.max(driftFrom, 4 * book.noise)) return null;
  const than = off < 0 ? 'slower' : 'faster';
  return `verified ${than} by ${Math.round(Math.abs(Math.expm1(off)) * 100)}% than in the search: something else changed the machine's speed meanwhile. Tune again when nothing else runs on it.`;
}

export function foundText(view: FoundView): string {
  const { found, goal, history, verdict, t } = view;
  const { winner, verified, stopped, book } = found;
  const searched = book.mean(winner)!;
  const outside = verified.length > 0 ? meanOf(verified) : null;
  const tied = tiedText(view);
  const drift = driftText(view);
  const early = history.filter(({ endedEarly }) => endedEarly).length;
  const limits = verdict?.evidence.join('; ') ?? '';
  const lines = [
    '',
    t.bold(`found: ${describeSetting(winner)}`),
    `  goal      ${describeGoal(goal)}${book.isAllowed(winner) ? '' : t.yellow(': no setting that was tried keeps it')}`,
    ...(tied === null ? [] : [`  why       ${tied}`]),
    `  in search ${measuredText(searched)}`,
    ...(outside ? [`  verified  ${measuredText(outside)}`] : ['  not verified: no trials were left']),
    `  limit now ${limitText(verdict?.bottleneck ?? searched.bottleneck)}${limits && `: ${limits}`}`,
    `  stopped   ${stopped}; ${history.length} trials${early > 0 ? `, ${early} of them ended early` : ''}`,
    `  noise     one trial is off by ${(book.noise * 100).toFixed(1)}% or so`,
    ...(drift === null ? [] : [`  ${t.yellow(drift)}`]),
  ];
  const each = view.workers === 1 ? '' : t.dim(`   (on each of the ${view.workers} workers)`);
  const paste = [
    '',
    `${t.bold(workerLine(shareOf(winner, view.workers)))}${each}`,
    ...(view.hasBatches
      ? [`BATCH_MAX_SIZE=${winner.batchSize} BATCH_MAX_DELAY_MS=${winner.batchDelayMs} just server`]
      : []),
    '',
  ];
  return `${lines.join('\n')}\n${frontText(view)}${paste.join('\n')}`;
}

/** How many there will be, about. */
export function expectedTrials({ bounds, mostTrials, gridSteps }: SearchOptions): number {
  return gridSteps === undefined ? Math.min(mostTrials, 24) : gridOf(bounds, gridSteps).length + 2;
}

export function dryRunText(search: SearchOptions, { windowMs, settleMs, latencyMs }: TuneConfig['tune']): string {
  const { bounds, mostTrials, start, gridSteps } = search;
  const trialS = (settleMs + windowMs + latencyMs) / 1000 + 1;
  const minutes = (trials: number) => {
    const all = Math.ceil((trials * trialS) / 60);
    return all === 1 ? '1 minute' : `${all} minutes`;
  };
  if (gridSteps !== undefined) {
    const trials = expectedTrials(search);
    return `it would measure each of the ${trials - 2} settings of the grid and verify the best one: ${trialS.toFixed(0)} s each, ${minutes(trials)}\n`;
  }
  const ramp: number[] = [];
  for (let slots = start.slots; slots <= bounds.slots[1]; slots *= 2) ramp.push(slots);
  const range = ([least, most]: readonly [number, number], unit = '') =>
    least === most ? `${least}${unit}, held` : `${least} to ${most}${unit}`;
  return [
    `it would double the slots from ${start.slots}: ${ramp.join(', ')}, until that gains nothing twice;`,
    'narrow between the best and its neighbours, by the fitted curve;',
    `try CPUs (${range(bounds.cpus)}), processes (${range(bounds.processes)}), batches (${range(bounds.batchSize)}) and delays (${range(bounds.batchDelayMs, ' ms')});`,
    "repeat what noise can't tell apart, take the cheapest of what is as good, and verify it.",
    `${mostTrials} trials at most, ${trialS.toFixed(0)} s each: ${minutes(mostTrials)} at most, half of that as a rule`,
    '',
  ].join('\n');
}

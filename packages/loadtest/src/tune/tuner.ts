// `(history) → next trial`: the search replayed over what is known already, so that an interrupted tuning goes on where it was,
// and no finished trial is run again. Pure: the same history gives the same next step.

import { type Goal, isAllowed, type Measured, ratePerCore } from './goal.ts';
import { searchGrid } from './grid.ts';
import { type Ask, type Found, type SearchOptions, type Stage, search } from './search.ts';
import { type Setting, settingKey } from './setting.ts';
import { meanOf } from './trial-book.ts';

/** A trial that is over. */
export interface Trial {
  setting: Setting;
  stage: Stage;
  measured: Measured;
  /** 95%, of its rate; null or not set: not known. */
  intervalPerS?: [number, number] | null;
  /** It was not measured to its end, since it had lost by then. */
  endedEarly?: boolean;
}

export type Step = { ask: Ask } | { found: Found };

/** Trials of the search and those that verify its winner are kept apart: neither stands in for the other. */
function shelf(setting: Setting, stage: Stage): string {
  return `${stage === 'verify' ? 'verify' : 'search'} ${settingKey(setting)}`;
}

/** What comes next after those trials; ones that the search doesn't ask for (other bounds, say) are left aside. */
export function nextStep(options: SearchOptions, history: readonly Trial[]): Step {
  const shelves = new Map<string, Measured[]>();
  for (const { setting, stage, measured } of history) {
    const key = shelf(setting, stage);
    shelves.set(key, [...(shelves.get(key) ?? []), measured]);
  }
  const run = options.gridSteps === undefined ? search(options) : searchGrid(options);
  let step = run.next();
  while (!step.done) {
    const known = shelves.get(shelf(step.value.setting, step.value.stage))?.shift();
    if (known === undefined) return { ask: step.value };
    step = run.next(known);
  }
  return { found: step.value };
}

/** A setting on the front: no other is better at one thing and as good at the rest. */
export interface FrontPoint {
  setting: Setting;
  measured: Measured;
}

/** Of rate, p99 and rate a core, the highest rate first; what is not known can't be better. */
export function paretoFront(goal: Goal, trials: readonly Trial[]): FrontPoint[] {
  const bySetting = new Map<string, Trial[]>();
  for (const trial of trials) {
    const key = settingKey(trial.setting);
    bySetting.set(key, [...(bySetting.get(key) ?? []), trial]);
  }
  const points = [...bySetting.values()].map((same) => ({
    setting: same[0]!.setting,
    measured: meanOf(same.map(({ measured }) => measured)),
  }));
  return points
    .filter(({ measured }) => isAllowed(goal, measured))
    .filter((point) => !points.some((other) => dominates(other.measured, point.measured)))
    .sort((a, b) => b.measured.ratePerS - a.measured.ratePerS);
}

/** The higher the better, each. */
function merits(measured: Measured): number[] {
  const least = Number.NEGATIVE_INFINITY;
  return [measured.ratePerS, measured.p99Us === null ? least : -measured.p99Us, ratePerCore(measured) ?? least];
}

function dominates(a: Measured, b: Measured): boolean {
  const [better, worse] = [merits(a), merits(b)];
  return better.every((merit, at) => merit >= worse[at]!) && better.some((merit, at) => merit > worse[at]!);
}

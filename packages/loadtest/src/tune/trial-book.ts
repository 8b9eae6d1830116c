// What trials of a search have measured so far, by setting, and how far two settings can be told apart. Pure.
//
// Noise is relative: repeats of one setting are compared by the logarithms of their scores, pooled over all settings, together
// with a prior worth a few repeats, so that two lucky repeats don't make every small difference count. It is never less than what trials
// vary by within themselves.

import { type Goal, isAllowed, type Measured, scoreOf } from './goal.ts';
import { type Setting, settingKey } from './setting.ts';

export interface Entry {
  setting: Setting;
  measured: Measured[];
}

/** Relative standard deviation of one trial before anything is known, and how many repeats that is worth. */
const prior = { noise: 0.04, weight: 4 };
/** Standard errors from which on a difference counts. */
const certain = 1.6;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

export class TrialBook {
  readonly goal: Goal;
  readonly #entries = new Map<string, Entry>();

  constructor(goal: Goal) {
    this.goal = goal;
  }

  add(setting: Setting, measured: Measured): void {
    const key = settingKey(setting);
    const entry = this.#entries.get(key) ?? { setting, measured: [] };
    entry.measured.push(measured);
    this.#entries.set(key, entry);
  }

  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  count(setting: Setting): number {
    return this.#entries.get(settingKey(setting))?.measured.length ?? 0;
  }

  /** Mean of what it measured; null: not tried. */
  mean(setting: Setting): Measured | null {
    const measured = this.#entries.get(settingKey(setting))?.measured;
    return measured ? meanOf(measured) : null;
  }

  /** Geometric mean of its scores; 0: not tried. */
  score(setting: Setting): number {
    const logs = this.#logs(setting);
    return logs.length === 0 ? 0 : Math.exp(mean(logs));
  }

  isAllowed(setting: Setting): boolean {
    const measured = this.mean(setting);
    return measured !== null && isAllowed(this.goal, measured);
  }

  #logs(setting: Setting): number[] {
    const measured = this.#entries.get(settingKey(setting))?.measured ?? [];
    return measured.map((each) => Math.log(Math.max(1e-9, scoreOf(this.goal, each))));
  }

  /** Relative standard deviation of one trial's score. */
  get noise(): number {
    let squares = prior.noise ** 2 * prior.weight;
    let freedom = prior.weight;
    for (const { setting } of this.#entries.values()) {
      const logs = this.#logs(setting);
      if (logs.length < 2) continue;
      const middle = mean(logs);
      squares += logs.reduce((sum, log) => sum + (log - middle) ** 2, 0);
      freedom += logs.length - 1;
    }
    return Math.max(Math.sqrt(squares / freedom), this.#noiseWithin);
  }

  /** As trials show it by themselves: root of the mean of its squares; 0: none does. */
  get #noiseWithin(): number {
    const errors = [...this.#entries.values()].flatMap(({ measured }) =>
      measured.map(({ errorShare }) => errorShare ?? null).filter((error) => error !== null),
    );
    return errors.length === 0 ? 0 : Math.sqrt(mean(errors.map((error) => error ** 2)));
  }

  /** Standard error of a setting's score, relative. */
  errorOf(setting: Setting): number {
    return this.noise / Math.sqrt(Math.max(1, this.count(setting)));
  }

  /** How much better `a` is than `b`, relative: 0.1 is 10%. */
  gain(a: Setting, b: Setting): number {
    return Math.log(Math.max(1e-9, this.score(a)) / Math.max(1e-9, this.score(b)));
  }

  /** Whether their difference could be chance. */
  isClose(a: Setting, b: Setting): boolean {
    const error = Math.hypot(this.errorOf(a), this.errorOf(b));
    return Math.abs(this.gain(a, b)) < certain * error;
  }

  /** The best first. */
  ranked(): Setting[] {
    return this.entries.map(({ setting }) => setting).sort((a, b) => this.score(b) - this.score(a));
  }
}

/** Means of what can be averaged; the bottleneck named most often, the later one of two alike. */
export function meanOf(measured: readonly Measured[]): Measured {
  const known = (pick: (each: Measured) => number | null) => {
    const values = measured.map(pick).filter((value) => value !== null);
    return values.length === 0 ? null : mean(values);
  };
  const votes = new Map<Measured['bottleneck'], number>();
  for (const { bottleneck } of measured) votes.set(bottleneck, (votes.get(bottleneck) ?? 0) + 1);
  const bottleneck = [...votes].reduce((a, b) => (b[1] >= a[1] ? b : a))[0];
  return {
    ratePerS: known((each) => each.ratePerS)!,
    usedCores: known((each) => each.usedCores),
    p99Us: known((each) => each.p99Us),
    bottleneck,
  };
}

// An interrupted tuning's trials, in .jobstorm/tune.json of the checkout. Invariant: the file is replaced whole, and trials of another goal,
// other bounds, another cluster or other jobs are never taken for this one's.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial } from '@jobstorm/loadtest';
import { SettingsError } from '@jobstorm/program';

export interface TuneState {
  tuneVersion: 1;
  /** What must be the same for its trials to count. */
  terms: Record<string, unknown>;
  trials: Trial[];
}

const pathIn = (dir: string) => join(dir, '.jobstorm', 'tune.json');

/** @throws SettingsError when there is none, or it was on other terms */
export function resumeTune(dir: string, terms: Record<string, unknown>): TuneState {
  let state: TuneState;
  try {
    state = JSON.parse(readFileSync(pathIn(dir), 'utf8')) as TuneState;
    if (state.tuneVersion !== 1 || !Array.isArray(state.trials)) throw new Error('of another version');
  } catch {
    throw new SettingsError([`--resume: no tuning was interrupted here (${pathIn(dir)}); leave it out to begin one`]);
  }
  const other = Object.keys(terms).filter((name) => JSON.stringify(state.terms[name]) !== JSON.stringify(terms[name]));
  if (other.length === 0) return state;
  throw new SettingsError(
    other.map(
      (name) =>
        `--resume: that tuning had ${name} ${JSON.stringify(state.terms[name])}, this one has ${JSON.stringify(terms[name])}`,
    ),
  );
}

/** @throws the system's error when it can't be written */
export function saveTune(dir: string, state: TuneState): void {
  mkdirSync(join(dir, '.jobstorm'), { recursive: true });
  const staged = `${pathIn(dir)}.${process.pid}.tmp`;
  writeFileSync(staged, JSON.stringify(state));
  renameSync(staged, pathIn(dir));
}

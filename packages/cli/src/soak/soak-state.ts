// A soak's own file: what was asked for and what was seen so far, so that it can be cut and go on. Invariant: the file is replaced whole,
// so that a kill leaves the old one or the new one.

import { accessSync, constants, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { TimelineSample } from '@jobstorm/loadtest';
import { SettingsError } from '@jobstorm/program';

/** What must stay the same for its stretches to be one soak. */
export interface SoakTerms {
  ratePerS: number;
  jobtype: string;
  serviceMs: number;
  via: string;
  concurrency: number;
  cpus: number;
  /** tcp://host:port; null: a local cluster. */
  server: string | null;
}

export interface SoakStretch {
  run: string;
  startedAt: string;
  lengthS: number;
  samples: readonly TimelineSample[];
}

export interface SoakState {
  soakVersion: 1;
  terms: SoakTerms;
  stretches: SoakStretch[];
}

/** Seconds soaked so far. */
export function soakedS({ stretches }: SoakState): number {
  return stretches.reduce((sum, { lengthS }) => sum + lengthS, 0);
}

function parse(path: string): SoakState {
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as SoakState;
    const good = state.soakVersion === 1 && Array.isArray(state.stretches) && typeof state.terms === 'object';
    if (good && state.stretches.every(({ samples, lengthS }) => Array.isArray(samples) && lengthS > 0)) return state;
  } catch {} // said below
  throw new SettingsError([`--resume: got "${path}", expected the file of a soak, or one that is not there yet`]);
}

/** Before hours are soaked that nothing could be kept of. */
function checkFolder(path: string): void {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch {
    throw new SettingsError([`--resume: got "${path}", expected a file in a folder that exists and can be written to`]);
  }
}

/** Goes on with the one in the file, or begins. @throws SettingsError when the file is none of a soak, or of one on other terms */
export function openSoak(path: string | null, terms: SoakTerms): SoakState {
  if (path !== null) checkFolder(path);
  if (path === null || !existsSync(path)) return { soakVersion: 1, terms, stretches: [] };
  const state = parse(path);
  const names = Object.keys(terms) as (keyof SoakTerms)[];
  const other = names.filter((name) => state.terms[name] !== terms[name]);
  if (other.length === 0) return state;
  throw new SettingsError(
    other.map((name) => `--resume: the soak in ${path} has ${name} ${state.terms[name]}, got ${terms[name]}`),
  );
}

/** @throws the system's error when it can't be written */
export function saveSoak(path: string, state: SoakState): void {
  const next = `${path}.${process.pid}.tmp`;
  writeFileSync(next, JSON.stringify(state));
  renameSync(next, path);
}

// Reads a result that `--json` wrote. Nothing is believed of it but what is looked at here.

import { readFileSync } from 'node:fs';
import type { RunResult } from '@jobstorm/loadtest';
import { SettingsError } from '@jobstorm/program';

const expected = 'a result that jobstorm perf-test --json wrote';

function isResult(value: unknown): value is RunResult {
  if (typeof value !== 'object' || value === null) return false;
  const { schemaVersion, config, environment, throughput, jobs } = value as Partial<RunResult>;
  return (
    schemaVersion === 1 &&
    [config, environment, throughput, jobs].every((part) => typeof part === 'object' && part !== null)
  );
}

/** `name`: what asked for it, for the error. @throws SettingsError */
export function readResultFile(path: string, name: string): RunResult {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SettingsError([`${name}: got "${path}", expected ${expected} (${code ?? message})`]);
  }
  if (!isResult(value)) throw new SettingsError([`${name}: got "${path}", expected ${expected}, of schema version 1`]);
  return value;
}

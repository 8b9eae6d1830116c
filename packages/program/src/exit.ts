// Exit codes that scripts depend on, and how an error that ends a program is shown.

import { JobstormError } from '@jobstorm/protocol';
import { SettingsError } from './settings.ts';

export const ExitCode = {
  good: 0,
  anythingElse: 1,
  thresholdFailed: 99,
  badSettings: 104,
  interrupted: 105,
  notValid: 111,
  jobsLostOrDuplicated: 112,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Prints why a program ends, one sentence a line for errors of ours and the whole stack for what should never happen. */
export function reportError(command: string, error: unknown): ExitCode {
  if (error instanceof SettingsError) {
    for (const mistake of error.mistakes) process.stderr.write(`jobstorm ${command}: ${mistake}\n`);
    return ExitCode.badSettings;
  }
  if (error instanceof JobstormError) {
    process.stderr.write(`jobstorm ${command}: ${error.message}\n`);
  } else {
    const shown = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`jobstorm ${command}: unexpected: ${shown}\n`);
  }
  return ExitCode.anythingElse;
}

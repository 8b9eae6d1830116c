// `.env` of the working directory: KEY=value lines that stand behind the real environment.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** The environment with `.env` of `dir` behind it; a missing file is no mistake. */
export function loadDotEnv(
  env: Readonly<Record<string, string | undefined>>,
  dir: string,
): Record<string, string | undefined> {
  let text: string;
  try {
    text = readFileSync(join(dir, '.env'), 'utf8');
  } catch {
    return { ...env };
  }
  return { ...parseEnv(text), ...env };
}

// `.env` of the working directory: KEY=value lines that stand behind the real environment.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { SettingsError } from './settings.ts';

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
    // Some keep a folder of that name.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return '';
    throw new SettingsError([`${path} can't be read (${code})`]);
  }
}

/**
 * A copy of the environment with `.env` of `dir` behind it, as its prototype, so that any variable that is set wins over any
 * in the file, whatever their names. A missing file is no mistake.
 * @throws SettingsError when there is one that can't be read
 */
export function loadDotEnv(
  env: Readonly<Record<string, string | undefined>>,
  dir: string,
): Record<string, string | undefined> {
  const file: Record<string, string | undefined> = Object.assign(
    Object.create(null),
    parseEnv(readText(join(dir, '.env'))),
  );
  return Object.assign(Object.create(file), env);
}

// What jobstorm keeps in the checkout's `.env`: its secrets. Reading it is the program package's (`loadDotEnv`); this writes.
// Invariant: lines that are not about a name being kept stay byte for byte, the file is replaced whole, and only its owner reads it.

import { readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from '@jobstorm/program';

/** Text that stands for itself without quotes, for Node's reader of `.env` and for that of Docker compose. */
const plain = /^[\w./:@+=,~%^-]+$/;

/** How a value is written in `.env`; null: neither reader would give it back as it is. */
export function quoteValue(value: string): string | null {
  if (plain.test(value)) return value;
  return /['\r\n\0\\]/.test(value) ? null : `'${value}'`;
}

/** `text` of a `.env` with these values: the last line of each name is replaced, a new one added at the end. */
export function withValues(text: string, values: Readonly<Record<string, string>>): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  for (const [name, value] of Object.entries(values)) {
    const isAbout = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`);
    const at = lines.findLastIndex((line) => isAbout.test(line));
    if (at >= 0) lines[at] = `${name}=${value}`;
    else lines.push(`${name}=${value}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function readOrNone(path: string): { text: string; path: string } {
  try {
    // A link to a file elsewhere stays one.
    const target = realpathSync(path);
    if (statSync(target).isDirectory()) throw new SettingsError([`${path} is a folder, expected a file or none`]);
    return { text: readFileSync(target, 'utf8'), path: target };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { text: '', path };
    throw error;
  }
}

/**
 * Keeps values in `.env` of `dir`, readable by its owner only.
 * @throws SettingsError when a value can't be written there, or the file can't
 */
export function keepInEnvFile(dir: string, values: Readonly<Record<string, string>>): void {
  const quoted: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = quoteValue(value);
    if (text === null) {
      throw new SettingsError([
        `${name} has characters that .env can't hold: set it in the environment of each command`,
      ]);
    }
    quoted[name] = text;
  }
  try {
    const { text, path } = readOrNone(join(dir, '.env'));
    const staged = `${path}.${process.pid}.tmp`;
    writeFileSync(staged, withValues(text, quoted), { mode: 0o600 });
    renameSync(staged, path);
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
    throw new SettingsError([
      `${join(dir, '.env')} can't be written (${code}): ${Object.keys(values)} should be kept there`,
    ]);
  }
}

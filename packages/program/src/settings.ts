// What a command can be told, in one table per command: each setting's schema, flag, environment variables, default and help.
// Invariant: flags > environment > `.env` > defaults, and every mistake is reported together before anything connects.

import { parseArgs } from 'node:util';
import { JobstormError } from '@jobstorm/protocol';
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { maskCredentials } from './mask.ts';

export interface Setting<S extends TSchema = TSchema> {
  /** TypeBox schema of the value; text from flags and environment is converted to it. */
  schema: S;
  /** Long flag without dashes. Flags of boolean schemas take no value. */
  flag?: string;
  /** Index of the positional argument that sets it. */
  positional?: number;
  /** Environment variables, first one set wins. */
  env?: readonly string[];
  default: Static<S> | null;
  /** One line for -h. */
  help: string;
  /** Name of the value in -h, e.g. HOST:PORT. */
  value?: string;
  /** What was expected, in words, for the error message. */
  expected: string;
  /** Turns the text into the value before the schema checks it (durations, lists, addresses). Throws or returns undefined: bad. */
  parse?: (text: string) => unknown;
  /** Not printed with the settings in force. */
  secret?: boolean;
}

export type SettingsTable = Record<string, Setting>;
/** The values of a table: null where a setting has no default and was not given. */
export type SettingsOf<T extends SettingsTable> = {
  [K in keyof T]: T[K]['default'] extends null ? Static<T[K]['schema']> | null : Static<T[K]['schema']>;
};

/** Bad settings: exit code 104. The message has a line per mistake. */
export class SettingsError extends JobstormError {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super('ESETTINGS', mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

/** Marks a table's type while keeping its literal shape. */
export function defineSettings<const T extends SettingsTable>(table: T): T {
  return table;
}

type Env = Readonly<Record<string, string | undefined>>;

interface Given {
  text: string;
  /** Where it came from, as the error message names it: `--cpus`, `WORKER_CPUS`. */
  source: string;
}

function readFlags(table: SettingsTable, argv: readonly string[], mistakes: string[]): Map<string, Given> {
  const given = new Map<string, Given>();
  const entries = Object.entries(table);
  const options: Record<string, { type: 'string' | 'boolean' }> = {};
  for (const [, setting] of entries) {
    if (setting.flag) options[setting.flag] = { type: setting.schema.type === 'boolean' ? 'boolean' : 'string' };
  }
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  let position = 0;
  let unknownAt = -2;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      // What stands behind an unknown flag is most likely its value, and may be a secret.
      if (token.index === unknownAt + 1) continue;
      const at = position++;
      const entry = entries.find(([, setting]) => setting.positional === at);
      if (entry) given.set(entry[0], { text: token.value, source: entry[0].toUpperCase() });
      else mistakes.push(`unexpected argument "${maskCredentials(token.value)}"; -h lists what this command takes`);
    } else if (token.kind === 'option') {
      const entry = entries.find(([, setting]) => setting.flag === token.name);
      if (!entry) {
        if (!token.inlineValue) unknownAt = token.index;
        mistakes.push(
          `unknown flag ${token.rawName}${didYouMean(token.name, Object.keys(options))}; -h lists the flags`,
        );
      } else if (entry[1].schema.type === 'boolean') {
        given.set(entry[0], { text: token.value ?? 'true', source: token.rawName });
      } else if (token.value === undefined || (!token.inlineValue && isFlag(token.value))) {
        mistakes.push(`${token.rawName} needs a value: ${entry[1].expected}`);
      } else {
        given.set(entry[0], { text: token.value, source: token.rawName });
      }
    }
  }
  return given;
}

/** True for what can't be a flag's value: `--json`, `-h`; false for `-1`, `-.5`, `-`. */
function isFlag(text: string): boolean {
  return /^--|^-[^\d.]/.test(text);
}

/** `, did you mean --x?` when a known name is at most two edits away. */
function didYouMean(name: string, known: readonly string[]): string {
  const near = known.map((other) => ({ other, edits: editDistance(name, other) })).sort((a, b) => a.edits - b.edits)[0];
  return near && near.edits <= 2 ? `, did you mean --${near.other}?` : '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

const booleans: Record<string, boolean> = { true: true, '1': true, false: false, '0': false };

/** What a text can stand for, the plainest first: itself, a decimal number, true or false (also as 1 and 0). */
function* meanings(setting: Setting, text: string): Generator<unknown> {
  if (setting.parse) {
    yield setting.parse(text);
    return;
  }
  const trimmed = text.trim();
  yield setting.secret ? text : trimmed;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) yield Number(trimmed);
  yield booleans[trimmed.toLowerCase()];
}

function convert(setting: Setting, { text, source }: Given, mistakes: string[]): unknown {
  try {
    for (const value of meanings(setting, text)) {
      if (value !== undefined && Value.Check(setting.schema, value)) return value;
    }
  } catch {
    // Its `parse` can't make anything of it.
  }
  const shown = setting.secret ? 'a value that is not' : `"${maskCredentials(text)}", expected`;
  mistakes.push(`${source}: got ${shown} ${setting.expected}`);
  return null;
}

/** The first of these variables that is set, in the environment itself before what `.env` put behind it. */
function findVariable(names: readonly string[], env: Env): Given | null {
  for (let layer: Env | null = env; layer; layer = Object.getPrototypeOf(layer) as Env | null) {
    for (const source of names) {
      const text = Object.hasOwn(layer, source) ? layer[source] : undefined;
      if (typeof text === 'string' && text.trim() !== '') return { text, source };
    }
  }
  return null;
}

/**
 * Reads a command's settings. `env` has what `.env` says as its prototype (see `loadDotEnv`).
 * An empty or blank environment variable counts as not set.
 * @throws SettingsError with every mistake found
 */
export function readSettings<T extends SettingsTable>(table: T, argv: readonly string[], env: Env): SettingsOf<T> {
  const mistakes: string[] = [];
  const flags = readFlags(table, argv, mistakes);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const given = flags.get(name) ?? findVariable(setting.env ?? [], env);
    values[name] = given ? convert(setting, given, mistakes) : setting.default;
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return values as SettingsOf<T>;
}

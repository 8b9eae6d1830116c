// How a command teaches: its -h page and the line of settings in force, both made from its settings table.

import { maskCredentials } from './mask.ts';
import { listenAddress } from './parse.ts';
import type { Setting, SettingsTable } from './settings.ts';

export interface CommandHelp {
  /** As typed: `jobstorm worker [CONCURRENCY] [CPUS]`. */
  usage: string;
  /** What it does, one or a few sentences. */
  about: string;
  /** Command lines worth copying, each with what it does. */
  examples: readonly (readonly [command: string, meaning: string])[];
}

function left(name: string, setting: Setting): string {
  const placeholder = setting.schema.type === 'boolean' ? '' : ` ${setting.value ?? 'VALUE'}`;
  if (setting.flag) return `--${setting.flag}${placeholder}`;
  return setting.positional === undefined ? (setting.env?.[0] ?? name) : name.toUpperCase();
}

/** A value as it is printed: no secret, no password of an address. */
function show(setting: Setting, value: unknown): string {
  if (setting.secret) return '***';
  if (Array.isArray(value)) return value.map((item) => show(setting, item)).join(',');
  if (typeof value !== 'object' || value === null) return maskCredentials(String(value));
  const { host, port } = value as { host?: unknown; port?: unknown };
  if (typeof host === 'string' && typeof port === 'number') return listenAddress({ host, port });
  return JSON.stringify(value);
}

function right(setting: Setting): string {
  const env = setting.flag || setting.positional !== undefined ? setting.env : setting.env?.slice(1);
  const notes = [];
  if (setting.default !== null && setting.default !== false && setting.default !== '') {
    notes.push(`default ${show(setting, setting.default)}`);
  }
  if (env && env.length > 0) notes.push(env.join(', '));
  return notes.length > 0 ? `${setting.help} [${notes.join('; ')}]` : setting.help;
}

/** The -h page, plain text, ends with a newline. */
export function helpText(help: CommandHelp, table: SettingsTable): string {
  const rows = Object.entries(table).map(([name, setting]) => [left(name, setting), right(setting)] as const);
  const width = Math.max(4, ...rows.map(([head]) => head.length));
  const lines = [`usage: ${help.usage}`, '', help.about, '', 'settings (flags > environment > .env > defaults):'];
  for (const [head, text] of rows) lines.push(`  ${head.padEnd(width)}  ${text}`);
  lines.push(`  ${'-h, --help'.padEnd(width)}  this page`);
  if (help.examples.length > 0) {
    lines.push('', 'examples:');
    for (const [command, meaning] of help.examples) lines.push(`  ${command}`, `      ${meaning}`);
  }
  return `${lines.join('\n')}\n`;
}

/** True when the arguments ask for the help page. */
export function asksForHelp(argv: readonly string[]): boolean {
  return argv.includes('-h') || argv.includes('--help');
}

/** `name=value …`, secrets as ***, what is not set left out. */
export function describeSettings(table: SettingsTable, values: Readonly<Record<string, unknown>>): string {
  const shown = [];
  for (const [name, setting] of Object.entries(table)) {
    const value = values[name];
    if (value === null || value === undefined || value === '') continue;
    shown.push(`${name}=${show(setting, value)}`);
  }
  return shown.join(' ');
}

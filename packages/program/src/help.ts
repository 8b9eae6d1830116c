// How a command teaches: its -h page and the line of settings in force, both made from its settings table.

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

function right(setting: Setting): string {
  const env = setting.flag || setting.positional !== undefined ? setting.env : setting.env?.slice(1);
  const notes = [];
  if (setting.default !== null && setting.default !== false && setting.default !== '') {
    notes.push(`default ${Array.isArray(setting.default) ? setting.default.join(',') : setting.default}`);
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
    shown.push(`${name}=${setting.secret ? '***' : Array.isArray(value) ? value.join(',') : value}`);
  }
  return shown.join(' ');
}

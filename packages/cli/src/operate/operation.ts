// What every command that works on this host's parts starts with: its help, its settings, the checkout, the terminal, the engine.

import {
  asksForHelp,
  type CommandHelp,
  ExitCode,
  helpText,
  loadDotEnv,
  readSettings,
  reportError,
  type SettingsOf,
  type SettingsTable,
} from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import { makeTerminal, type Terminal } from '../terminal.ts';
import { findCheckout } from './checkout.ts';
import { LiveLine } from './live-line.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface Operation<T extends SettingsTable> {
  values: SettingsOf<T>;
  /** The environment with `.env` of the checkout behind it. */
  env: Env;
  /** The checkout's real path. */
  dir: string;
  terminal: Terminal;
  live: LiveLine;
}

export interface OperationProgram<T extends SettingsTable> {
  /** As typed behind `jobstorm`: `up server`. */
  name: string;
  help: CommandHelp;
  table: T;
  /** Resolves with the exit code. */
  work(operation: Operation<T>): Promise<number>;
}

/** Runs a command from its arguments to its exit code. Never throws. */
export async function operate<const T extends SettingsTable>(
  argv: readonly string[],
  { name, help, table, work }: OperationProgram<T>,
): Promise<number> {
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(help, table));
    return ExitCode.good;
  }
  const terminal = makeTerminal(process.stdout, process.env);
  const live = new LiveLine(terminal);
  try {
    const dir = findCheckout();
    const env = loadDotEnv(process.env, dir);
    return await work({ values: readSettings(table, argv, env), env, dir, terminal, live });
  } catch (error) {
    live.clear();
    const code = reportError(name, error);
    return error instanceof JobstormError && error.code === 'EINTERRUPTED' ? ExitCode.interrupted : code;
  } finally {
    live.clear();
  }
}

// The life of a part that runs until it is told to stop (server, worker, api, dashboard):
//
//   settings ──▶ start() ──▶ ready ──▶ SIGTERM, SIGINT, or its parent gone ──▶ stop() ──▶ exit code
//
// A part with an IPC channel was started by jobstorm itself: it reports `ready` over it, answers `usage`, leaves SIGINT (which
// a terminal sends to the whole group) to its parent, and stops when the channel closes, so no part outlives its parent.

import { measureUsage } from '@jobstorm/telemetry';
import { loadDotEnv } from './dotenv.ts';
import { ExitCode, reportError } from './exit.ts';
import { asksForHelp, type CommandHelp, describeSettings, helpText } from './help.ts';
import { readSettings, type SettingsOf, type SettingsTable } from './settings.ts';

export interface RunningPart {
  /** What `ready` tells a parent, e.g. `{ url }`. */
  ready: Record<string, unknown>;
  /** One line for people, printed once it is up. */
  readyLine: string;
  /** Ends it in good order; called once. A second signal while it runs ends the process at once. */
  stop(): Promise<void>;
  /** Settles when the part ended by itself; rejects when that was an error. */
  finished: Promise<void>;
}

export interface PartProgram<T extends SettingsTable> {
  /** The command's name, e.g. `worker`. */
  name: string;
  help: CommandHelp;
  table: T;
  start(values: SettingsOf<T>): Promise<RunningPart>;
}

/** Message from a part to the parent that started it. */
export type PartMessage =
  | ({ type: 'ready' } & Record<string, unknown>)
  | { type: 'failed'; code: string; message: string }
  | { type: 'usage'; usage: ReturnType<typeof measureUsage> };

function toParent(message: PartMessage): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

/** Settles with the reason to stop. */
function stopRequest(hasParent: boolean): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (reason: string) => {
      if (asked && reason.startsWith('SIG')) process.exit(ExitCode.interrupted);
      asked = true;
      resolve(reason);
    };
    process.on('SIGTERM', () => ask('SIGTERM'));
    if (hasParent) {
      process.on('SIGINT', () => {});
      process.on('disconnect', () => ask('parent gone'));
    } else {
      process.on('SIGINT', () => ask('SIGINT'));
    }
  });
}

/** Runs a part from its arguments to its exit code. Never throws. */
export async function runPart<T extends SettingsTable>(
  argv: readonly string[],
  program: PartProgram<T>,
): Promise<number> {
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(program.help, program.table));
    return ExitCode.good;
  }
  const hasParent = process.send !== undefined;
  try {
    const values = readSettings(program.table, argv, loadDotEnv(process.env, process.cwd()));
    process.stdout.write(`jobstorm ${program.name}: ${describeSettings(program.table, values)}\n`);
    const stopped = stopRequest(hasParent);
    const part = await program.start(values);
    if (hasParent) {
      process.on('message', (message) => {
        if ((message as { type?: string } | null)?.type === 'usage') toParent({ type: 'usage', usage: measureUsage() });
      });
    }
    toParent({ type: 'ready', ...part.ready });
    process.stdout.write(`${part.readyLine}\n`);
    const reason = await Promise.race([stopped, part.finished.then(() => null)]);
    if (reason !== null) await part.stop();
    return ExitCode.good;
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    toParent({ type: 'failed', code: code ?? 'EUNEXPECTED', message: message ?? String(error) });
    return reportError(program.name, error);
  }
}

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
  /** The settings as they will be in force, for the line that tells them; default: as they were given. */
  inForce?(values: SettingsOf<T>): SettingsOf<T>;
  start(values: SettingsOf<T>): Promise<RunningPart>;
}

/** Message from a part to the parent that started it. */
export type PartMessage =
  | ({ type: 'ready' } & Record<string, unknown>)
  | { type: 'failed'; code: string; message: string }
  | { type: 'usage'; usage: ReturnType<typeof measureUsage> };

/** How long a part whose parent has gone may take to start or stop: nobody is left to end it by a second signal. */
const orphanLimitMs = 60_000;

/** Settles when the message has left, or can't. */
function toParent(message: PartMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, {}, () => resolve());
    else resolve();
  });
}

interface StopRequest {
  /** Settles with the reason to stop. */
  asked: Promise<string>;
  /** Gives signals and the channel back, so that neither holds the process. */
  release(): void;
}

function listenForStop(hasParent: boolean): StopRequest {
  let ask: (reason: string) => void = () => {};
  const asked = new Promise<string>((resolve) => {
    let before = false;
    ask = (reason) => {
      if (before && reason.startsWith('SIG')) process.exit(ExitCode.interrupted);
      before = true;
      resolve(reason);
    };
  });
  const onTerm = () => ask('SIGTERM');
  const onInt = hasParent ? ignore : () => ask('SIGINT');
  // A terminal that is closed; with a parent it is the parent's to decide, too.
  const onHup = hasParent ? ignore : () => ask('SIGHUP');
  const onDisconnect = () => {
    setTimeout(() => process.exit(ExitCode.anythingElse), orphanLimitMs).unref();
    ask('parent gone');
  };
  process.on('SIGTERM', onTerm).on('SIGINT', onInt).on('SIGHUP', onHup);
  if (hasParent) process.on('disconnect', onDisconnect);
  const release = () => {
    process.off('SIGTERM', onTerm).off('SIGINT', onInt).off('SIGHUP', onHup).off('disconnect', onDisconnect);
    process.off('message', answerUsage);
    if (process.connected) process.disconnect();
  };
  return { asked, release };
}

function ignore(): void {}

function answerUsage(message: unknown): void {
  if ((message as { type?: string } | null)?.type === 'usage') void toParent({ type: 'usage', usage: measureUsage() });
}

/** From the settings to the end. */
async function live<T extends SettingsTable>(
  argv: readonly string[],
  program: PartProgram<T>,
  stop: StopRequest,
): Promise<void> {
  const values = readSettings(program.table, argv, loadDotEnv(process.env, process.cwd()));
  process.stdout.write(
    `jobstorm ${program.name}: ${describeSettings(program.table, program.inForce?.(values) ?? values)}\n`,
  );
  const part = await program.start(values);
  const finished = part.finished.then(() => null);
  void toParent({ type: 'ready', ...part.ready });
  process.stdout.write(`${part.readyLine}\n`);
  const reason = await Promise.race([stop.asked, finished]);
  if (reason !== null) await part.stop();
}

/** Runs a part from its arguments to its exit code. Never throws. Afterwards the channel to a parent is closed. */
export async function runPart<T extends SettingsTable>(
  argv: readonly string[],
  program: PartProgram<T>,
): Promise<number> {
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(program.help, program.table));
    return ExitCode.good;
  }
  // Whoever read the output may go first, and that must not cut short an end in good order.
  for (const stream of [process.stdout, process.stderr]) stream.off('error', ignore).on('error', ignore);
  const hasParent = process.send !== undefined;
  if (hasParent) process.on('message', answerUsage);
  const stop = listenForStop(hasParent);
  try {
    await live(argv, program, stop);
    return ExitCode.good;
  } catch (error) {
    const { code, message } = Object(error) as { code?: string; message?: string };
    await toParent({ type: 'failed', code: code ?? 'EUNEXPECTED', message: message ?? String(error) });
    return reportError(program.name, error);
  } finally {
    stop.release();
  }
}

// Programs under measurement, each a process of its own that runs what is in dist/ and nothing else: no loader, no settings of
// whoever measures. Invariant: none outlives this process. A part ends when its IPC channel closes; what is left when this
// process exits is killed with the group that it leads.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const readyWithinMs = 30_000;
/** A worker on a real Faktory lets its FETCHes run out before it ends. */
const stopWithinMs = 45_000;

const running = new Map<ChildProcess, NodeJS.Signals>();
/** Where programs run: a folder without an `.env`. */
const folder = mkdtempSync(join(tmpdir(), 'jobstorm-bench-'));

process.once('exit', () => {
  for (const [child, signal] of running) signalGroup(child, signal);
  rmSync(folder, { recursive: true, force: true });
});

/** Ends all that runs, whatever it is doing, and resolves when it is gone. */
export async function endAll(): Promise<void> {
  const ends = [...running].map(([child, signal]) => {
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    signalGroup(child, signal);
    return gone;
  });
  await Promise.all(ends);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** A program of dist/ by its name, or a file beside this one. */
function pathOf(program: string): string {
  const path = fileURLToPath(new URL(program.endsWith('.mjs') ? program : `../dist/${program}.js`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: build first (node bin/prepare.mjs)`);
  return path;
}

/** What a program is started with. */
interface Launch {
  command: string;
  args: readonly string[];
  /** Beside PATH and HOME. */
  env?: Readonly<Record<string, string>>;
  stdio: StdioOptions;
  /** Sent to it and to all that it started, when this process ends first. */
  lastSignal: NodeJS.Signals;
}

/** Any program, in the same way: it leads a group of its own, and none of that group outlives this process. */
export function launch({ command, args, env = {}, stdio, lastSignal }: Launch): ChildProcess {
  const { PATH = '', HOME = folder } = process.env;
  const child = spawn(command, args, { cwd: folder, env: { PATH, HOME, ...env }, stdio, detached: true });
  running.set(child, lastSignal);
  child.once('exit', () => running.delete(child));
  child.stderr?.setEncoding('utf8');
  return child;
}

function start(
  program: string,
  args: readonly string[],
  ipc: boolean,
  lastSignal: NodeJS.Signals,
  env: Readonly<Record<string, string>> = {},
  prefix: readonly string[] = [],
): ChildProcess {
  const [command, ...rest] = [...prefix, process.execPath, pathOf(program), ...args];
  return launch({
    command: command!,
    args: rest,
    env,
    stdio: ['ignore', 'ignore', 'pipe', ipc ? 'ipc' : 'ignore'],
    lastSignal,
  });
}

/** SIGTERM, and SIGKILL to its whole group when that does not do; resolves when it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (!running.has(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), stopWithinMs);
  child.kill(signal);
  await gone;
  clearTimeout(timer);
}

export class Part {
  readonly program: string;
  readonly pid: number;
  /** What it said when it was ready: a server's `url`, a worker's `pids`. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly #child: ChildProcess;

  private constructor(program: string, child: ChildProcess, ready: Record<string, unknown>) {
    this.program = program;
    this.pid = child.pid!;
    this.ready = ready;
    this.#child = child;
  }

  /**
   * Starts `dist/PROGRAM.js` and resolves once it is ready. @throws Error with what it printed when it ends instead
   * @param prefix what stands before the command, as `ip netns exec NAME`
   */
  static async start(program: string, args: readonly string[], prefix: readonly string[] = []): Promise<Part> {
    const child = start(program, args, true, 'SIGKILL', {}, prefix);
    let said = '';
    child.stderr!.on('data', (text: string) => {
      said = (said + text).slice(-4096);
    });
    const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const fail = (how: string) => reject(new Error(`${program} ${how}${said && `; it said: ${said.trim()}`}`));
      const timer = setTimeout(() => fail(`was not ready within ${readyWithinMs / 1000} s`), readyWithinMs);
      child.on('message', (message: { type: string }) => message.type === 'ready' && resolve({ ...message }));
      child.once('exit', (code, signal) => fail(`ended before it was ready (${signal ?? `exit code ${code}`})`));
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      child.once('exit', () => clearTimeout(timer)).once('message', () => clearTimeout(timer));
    });
    return new Part(program, child, ready);
  }

  /** Says something to it over its channel. */
  tell(message: object): void {
    this.#child.send(message);
  }

  /** Resolves with the next message of that type. @throws Error when it says that it failed, or is gone */
  said<T extends { type: string }>(type: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const hear = (message: { type: string; message?: string }) => {
        if (message.type === type) over(() => resolve(message as T));
        if (message.type === 'failed') over(() => reject(new Error(`${this.program} failed: ${message.message}`)));
      };
      const gone = () => over(() => reject(new Error(`${this.program} ended before it said "${type}"`)));
      const over = (settle: () => void) => {
        this.#child.off('message', hear).off('exit', gone);
        settle();
      };
      this.#child.on('message', hear).once('exit', gone);
    });
  }

  get url(): string {
    return String(this.ready.url);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The processes that do its work. */
  get pids(): number[] {
    const { pids } = this.ready;
    return Array.isArray(pids) ? [this.pid, ...pids.map(Number)] : [this.pid];
  }

  /** SIGTERM, unless told otherwise; resolves when it is gone. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return end(this.#child, signal);
  }
}

/**
 * Runs a command of `dist/jobstorm.js` to its end. `wallMs` is from before its process began to after it was gone.
 * @param began hears its pid
 */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  began: (pid: number) => void = () => {},
): Promise<{ code: number | null; wallMs: number; said: string }> {
  const startMs = performance.now();
  // Told to end, it ends what it started.
  const child = start('jobstorm', args, false, 'SIGTERM', env);
  began(child.pid!);
  let said = '';
  child.stderr!.on('data', (text: string) => {
    said = (said + text).slice(-4096);
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, wallMs: performance.now() - startMs, said };
}

/** Starts a command of `dist/jobstorm.js`; what it returns ends it by ctrl-C. */
export function launchCommand(args: readonly string[]): () => Promise<void> {
  const child = start('jobstorm', args, false, 'SIGTERM');
  child.stderr!.on('data', () => {});
  return () => end(child, 'SIGINT');
}

/** A path in a folder that goes with this process. */
export function scratchPath(name: string): string {
  return join(folder, name);
}

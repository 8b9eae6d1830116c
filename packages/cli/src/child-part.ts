// A part of the local cluster as a child process.
//
//   start ──▶ ready (its first message) ──▶ usage readings … ──▶ stop: SIGTERM ──▶ gone
//                                                                 └─ grace over: SIGKILL to its whole group
//
// Invariant: no child outlives this process. Each ends by itself when its IPC channel closes, even if this process was killed;
// each leads a process group of its own, so that SIGKILL reaches what it started too, and ctrl-C in a terminal only reaches us.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadDotEnv, type PartMessage, SettingsError } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import type { ProcessUsage } from '@jobstorm/telemetry';

export type PartName = 'server' | 'api' | 'worker' | 'generator';

export interface PartExit {
  code: number | null;
  signal: string | null;
}

const sources: Record<PartName, string> = {
  server: '../../../server-node/src/main.ts',
  api: '../../../api-service/src/main.ts',
  worker: '../../../worker-node/src/main.ts',
  generator: './generator-main.ts',
};
const readyWithinMs = 30_000;
const stderrKeptBytes = 4096;

/** Beside the bundle when this file is in one, else the sources. */
function entryOf(name: PartName): string {
  const own = import.meta.url;
  const path = fileURLToPath(new URL(own.endsWith('.ts') ? sources[name] : `./${name}.js`, own));
  if (!existsSync(path)) throw new JobstormError('EBUILD', `${path} is missing: build first (node bin/prepare.mjs)`);
  return path;
}

/** Where a part runs: with a `.env` of its own there it would find in it again what this program has blanked for it. */
const partsFolder = fileURLToPath(new URL('.', import.meta.url));

/** All that is set here, `.env` of the working directory included. */
function ownEnvironment(): Record<string, string> {
  const env = loadDotEnv(process.env, process.cwd());
  const behind = Object.getPrototypeOf(env) as Record<string, string>;
  const set = Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== '');
  return { ...behind, ...(Object.fromEntries(set) as Record<string, string>) };
}

export class ChildPart {
  readonly name: PartName;
  /** What its `ready` said. Rejects with its own reason when it can't start. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>;
  readonly exited: Promise<PartExit>;
  readonly #child: ChildProcess;
  #stderr = '';
  #exit: PartExit | null = null;
  #stopping = false;

  /** Starts it. @throws JobstormError EBUILD when its program is missing */
  constructor(name: PartName, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.name = name;
    const child = spawn(process.execPath, [...process.execArgv, entryOf(name), ...args], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      cwd: partsFolder,
      env: { ...ownEnvironment(), ...env },
      detached: true,
    });
    this.#child = child;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrKeptBytes);
    });
    this.exited = new Promise((resolve) => {
      const over = (exit: PartExit) => {
        this.#exit ??= exit;
        resolve(exit);
      };
      child.once('exit', (code, signal) => over({ code, signal }));
      child.once('error', () => over({ code: null, signal: null }));
    });
    this.ready = firstMessage(child, name, () => this.#stderr);
    this.ready.catch(() => {}); // whoever awaits it hears of it; a boot that was given up does not
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#exit === null;
  }

  /** Its end when nobody asked for it, in words; null: it runs, or was told to end. */
  get unexpectedEnd(): string | null {
    if (!this.#exit || this.#stopping) return null;
    const { code, signal } = this.#exit;
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    const said = this.#stderr.trim().split('\n').at(-1);
    return `the ${this.name} (pid ${this.pid}) ${how}${said ? `: ${said}` : ''}`;
  }

  /** Says something to it; when it is gone, nobody hears. */
  tell(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Hears all that it says from now on. Returns how to stop it. */
  hear<T>(listener: (message: T) => void): () => void {
    this.#child.on('message', listener);
    return () => this.#child.off('message', listener);
  }

  /** What it used so far; null when it is gone or does not answer within a second. */
  usage(): Promise<ProcessUsage | null> {
    const child = this.#child;
    if (!child.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      const done = (usage: ProcessUsage | null) => {
        clearTimeout(timer);
        child.off('message', hear);
        child.off('exit', gone);
        resolve(usage);
      };
      const hear = (message: PartMessage) => {
        if (message.type === 'usage') done(message.usage);
      };
      const gone = () => done(null);
      const timer = setTimeout(gone, 1000);
      child.on('message', hear).once('exit', gone);
      child.send({ type: 'usage' }, (error) => error && done(null));
    });
  }

  /** SIGTERM, then SIGKILL to its group after `graceMs`. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    if (this.#exit) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** At once, with all that it started. */
  kill(): void {
    this.#stopping = true;
    killGroup(this.#child);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no such group: it is gone, or this system has none
  }
}

function firstMessage(child: ChildProcess, name: PartName, stderr: () => string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (code: string, message: string) => {
      done();
      // Settings that came from the environment: its sentences and its exit code are ours.
      reject(code === 'ESETTINGS' ? new SettingsError(message.split('\n')) : new JobstormError(code, message));
    };
    const hear = (message: PartMessage) => {
      if (message.type === 'failed') fail(message.code, message.message);
      if (message.type !== 'ready') return;
      done();
      resolve(message);
    };
    const exit = (code: number | null, signal: string | null) => {
      const said = stderr().trim();
      fail(
        'EPART',
        `the ${name} ended before it was ready (${signal ?? `exit code ${code}`})${said ? `: ${said}` : ''}`,
      );
    };
    const error = (cause: Error) => fail('EPART', `the ${name} could not be started: ${cause.message}`);
    const timer = setTimeout(
      () => fail('EPART', `the ${name} was not ready within ${readyWithinMs / 1000} s`),
      readyWithinMs,
    );
    const done = () => {
      clearTimeout(timer);
      child.off('message', hear).off('exit', exit).off('error', error);
    };
    child.on('message', hear).on('exit', exit).on('error', error);
  });
}

// Starts the runs that the page asks for: the command line of this build as a process of its own, one at a time. Whoever is second is
// told who has it. Nothing that comes from the page gets into a shell; flags are known ones, values have their form.
//
//   idle ──start──▶ running ──▶ (its end) ──▶ idle, with its last words where it failed
//                      └──stop: SIGINT, so that what it measured is kept

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { JobstormError } from '@jobstorm/protocol';
import { MessageError } from './message.ts';

/** Of the command line: its bundle lies beside this one's; a program that runs from its sources takes that of dist/. */
const programs = ['./jobstorm.js', '../../dist/jobstorm.js'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const KEPT_WORDS = 2000;
/** After SIGINT, before SIGKILL: a worker on a real Faktory lets its FETCHes run out. */
const STOP_WITHIN_MS = 60_000;

const count = /^[1-9]\d{0,8}$/;
const length = /^\d{1,6}(\.\d{1,3})?(ms|s|m|h)$/;
const name = /^[a-z][a-z-]{0,30}$/;
const bounds = /^[1-9]\d{0,8}(:[1-9]\d{0,8})?$/;
const numberText = /^\d{1,9}(\.\d{1,3})?$/;

/** By command: the flags that a page may give, and the form of their values. `jobs` is the first argument. */
const commands: Record<string, Record<string, RegExp>> = {
  'perf-test': {
    jobs: count,
    duration: length,
    rate: numberText,
    jobtype: name,
    'service-time': length,
    concurrency: count,
    cpus: numberText,
  },
  tune: {
    goal: /^(rate|rate-per-core|p99<\d{1,6}(ms|s))$/,
    trials: count,
    slots: bounds,
    'batch-size': bounds,
    window: length,
    settle: length,
    jobtype: name,
    'service-time': length,
  },
};

export interface StartedRun {
  /** As one would type it. */
  command: string;
  startedAtMs: number;
  running: boolean;
  /** Its last words, if it failed. */
  failed: string | null;
}

/** What every run is told: where the job server is, and whom to tell. */
export interface LaunchTarget {
  /** With its password; null: the run boots a cluster of its own. */
  serverUrl: string | null;
  /** http://… of its api-service; null: the run looks for one. */
  api: string | null;
  token: string | null;
  /** ws://… of this control room. */
  room: () => string;
}

interface Request {
  command?: unknown;
  flags?: unknown;
}

/** The arguments of what a page asks for. @throws MessageError naming what it can't ask for */
export function argumentsOf({ command, flags = {} }: Request): string[] {
  const allowed = typeof command === 'string' && Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!allowed) throw new MessageError(`expected a command of ${Object.keys(commands).join(', ')}`);
  if (typeof flags !== 'object' || flags === null || Array.isArray(flags))
    throw new MessageError('expected flags as an object');
  const args = [command as string];
  for (const [flag, value] of Object.entries(flags)) {
    const form = Object.hasOwn(allowed, flag) ? allowed[flag] : undefined;
    if (!form) throw new MessageError(`${command} has no ${flag.slice(0, 40)} that a page may set`);
    if (typeof value !== 'string' || !form.test(value))
      throw new MessageError(`${flag}: got ${JSON.stringify(value)?.slice(0, 40)}`);
    if (flag === 'jobs') args.splice(1, 0, value);
    else args.push(`--${flag}`, value);
  }
  return args;
}

export class RunLauncher {
  readonly #target: LaunchTarget;
  readonly #onChange: () => void;
  #child: ChildProcess | null = null;
  #run: StartedRun | null = null;
  #stopping = false;

  /** `onChange`: what `view` says is another thing now. */
  constructor(target: LaunchTarget, onChange: () => void) {
    this.#target = target;
    this.#onChange = onChange;
  }

  /** The latest that was started here; null: none yet. */
  get view(): StartedRun | null {
    return this.#run;
  }

  /** @throws MessageError for what can't be asked for, JobstormError EBUSY when one goes on, ENOPROGRAM when this build has no command line */
  start(request: Request): StartedRun {
    const args = argumentsOf(request);
    if (this.#run?.running) {
      const since = new Date(this.#run.startedAtMs).toISOString().slice(11, 19);
      throw new JobstormError(
        'EBUSY',
        `${this.#run.command} goes on, started from a page at ${since} UTC: stop that one first`,
      );
    }
    const program = programs.find((path) => existsSync(path));
    if (!program)
      throw new JobstormError('ENOPROGRAM', 'this build of the control room has no command line to start runs with');
    const { serverUrl, api, token, room } = this.#target;
    const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, HOME: process.env.HOME ?? tmpdir() };
    if (token !== null) env.JOBSTORM_TOKEN = token;
    if (serverUrl !== null) env.FAKTORY_URL = serverUrl;
    const where =
      serverUrl === null ? ['--tell', room()] : ['--control', room(), ...(api === null ? [] : ['--api', api])];
    // A folder without .env and .jobstorm: the target says all there is to know.
    const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
    const child = spawn(process.execPath, [program, ...args, ...where], { cwd: tmpdir(), env, stdio });
    this.#child = child;
    this.#stopping = false;
    const run = { command: ['jobstorm', ...args].join(' '), startedAtMs: Date.now(), running: true, failed: null };
    this.#run = run;
    this.#watch(child, run);
    this.#onChange();
    return run;
  }

  #watch(child: ChildProcess, run: StartedRun): void {
    let words = '';
    const keep = (text: string) => {
      words = (words + text).slice(-KEPT_WORDS);
    };
    child.stdout!.setEncoding('utf8').on('data', () => {}); // drawn for people at a terminal
    child.stderr!.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => keep(error.message));
    child.once('close', (code, signal) => {
      run.running = false;
      // 99, 105, 111 and 112 are results; the page shows them as such.
      const asked = this.#stopping && signal === 'SIGINT'; // it had not even begun to listen for it
      if (!asked && (code === 1 || code === 104 || code === null))
        run.failed = words.trim() || `it ended with ${signal ?? code}`;
      if (this.#child === child) this.#child = null;
      this.#onChange();
    });
  }

  /** Has what goes on end in good order; false: nothing does. */
  stop(): boolean {
    this.#stopping = true;
    return this.#child?.kill('SIGINT') ?? false;
  }

  /** Ends what goes on; settles once it is gone. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    this.stop();
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  }
}

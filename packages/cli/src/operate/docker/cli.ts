// The docker program: every talk with the engine goes through here, so contexts, DOCKER_HOST and rootless set-ups work as the user has
// them. Invariant: no child outlives the command; an interrupt ends all of them.

import { type ChildProcess, spawn } from 'node:child_process';
import { JobstormError } from '@jobstorm/protocol';

export interface Ran {
  /** null: there is no such program, or a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** There is no docker program. */
  missing: boolean;
}

export interface RunOptions {
  /** Besides the environment that the CLI was made with. */
  env?: Readonly<Record<string, string>>;
  /** Hears each line of both outputs as it comes. */
  onLine?: (line: string) => void;
}

type Env = Readonly<Record<string, string | undefined>>;

/** All variables as an object of its own: an environment with `.env` behind it has that as its prototype. */
export function flatEnv(env: Env): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in env) if (env[name] !== undefined) flat[name] = env[name];
  return flat;
}

/** Hands on whole lines of a stream. */
function eachLine(stream: NodeJS.ReadableStream, hear: (line: string) => void): void {
  let rest = '';
  stream.on('data', (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop()!;
    for (const line of lines) hear(line);
  });
  stream.on('end', () => rest !== '' && hear(rest));
}

/** The line of docker's complaint that says what is wrong, without its own prefixes. */
export function complaint({ stderr, missing }: Ran): string {
  if (missing) return 'there is no docker program on this machine';
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/level=(warning|info|debug)/.test(line));
  const found =
    lines.findLast((line) => /error|denied|cannot|failed|no such|not found|unknown/i.test(line)) ?? lines.at(-1);
  return (found ?? 'it gave no reason').replace(/^(Error response from daemon|ERROR|docker): /, '');
}

export class DockerCli {
  readonly #dir: string;
  readonly #env: Env;
  readonly #children = new Set<ChildProcess>();
  #closed = false;

  /** `dir`: working folder of each call. */
  constructor(dir: string, env: Env) {
    this.#dir = dir;
    this.#env = env;
  }

  /** Runs `docker ARGS` to its end. Never rejects. */
  run(args: readonly string[], { env = {}, onLine }: RunOptions = {}): Promise<Ran> {
    return new Promise((resolve) => {
      const child = this.#spawn(args, env, 'pipe');
      let stdout = '';
      let stderr = '';
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      if (onLine) for (const stream of [child.stdout!, child.stderr!]) eachLine(stream, onLine);
      child.once('error', (error: NodeJS.ErrnoException) => {
        resolve({ code: null, stdout, stderr: stderr || error.message, missing: error.code === 'ENOENT' });
      });
      child.once('close', (code) => resolve({ code, stdout, stderr, missing: false }));
    });
  }

  /** The output of `docker ARGS`. @throws JobstormError EDOCKER with docker's reason when it fails */
  async read(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const ran = await this.run(args, options);
    if (ran.code === 0) return ran.stdout;
    throw new JobstormError('EDOCKER', `docker ${args[0]}: ${complaint(ran)}`);
  }

  /** Runs it with this process's own terminal; resolves with its exit code. */
  show(args: readonly string[]): Promise<number> {
    return new Promise((resolve) => {
      const child = this.#spawn(args, {}, 'inherit');
      child.once('error', () => resolve(1));
      child.once('close', (code) => resolve(code ?? 0));
    });
  }

  /** Hears each line of `docker ARGS` until it ends or `stop` is called. */
  follow(args: readonly string[], hear: (line: string) => void): { ended: Promise<void>; stop(): void } {
    const child = this.#spawn(args, {}, 'pipe');
    for (const stream of [child.stdout!, child.stderr!]) eachLine(stream.setEncoding('utf8'), hear);
    const ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('close', () => resolve());
    });
    return { ended, stop: () => void child.kill('SIGKILL') };
  }

  /** Ends every call under way, and each one made later. */
  kill(): void {
    this.#closed = true;
    for (const child of this.#children) child.kill('SIGTERM');
  }

  #spawn(args: readonly string[], env: Readonly<Record<string, string>>, stdio: 'pipe' | 'inherit'): ChildProcess {
    const child = spawn('docker', args, {
      cwd: this.#dir,
      env: { ...flatEnv(this.#env), ...env },
      stdio: ['ignore', stdio, stdio],
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    if (this.#closed) child.kill('SIGTERM');
    return child;
  }
}

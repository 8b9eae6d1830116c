// `jobstorm worker` as a child process, as its user starts it.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { descendants, signalIfAlive, until } from '@jobstorm/testkit';

const sources = ['--import', 'tsx', fileURLToPath(new URL('../src/main.ts', import.meta.url))];
/** As its user has it: built, which starts several times as fast. */
export const built = [fileURLToPath(new URL('../../bin/jobstorm', import.meta.url)), 'worker'];

export interface ChildWorker {
  child: ChildProcess;
  /** Of the worker processes under it. */
  processes(): number[];
  /** Everything that it printed. */
  output(): string;
  /** Resolves once it fetches jobs. */
  ready: Promise<void>;
  /** Exit code, or the signal that ended it. */
  exit: Promise<number | string | null>;
  /** Ends whatever is left, for tests that failed. */
  kill(): void;
}

/** tsx and the orphan guard have processes of their own, which run no worker. */
function runsWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker-node/src/process.ts');
  } catch {
    // It has ended, or this system has no /proc.
    return process.platform !== 'linux';
  }
}

export function spawnWorker(
  argv: string[],
  env: Record<string, string> = {},
  program: readonly string[] = sources,
): ChildWorker {
  // The settings of whoever runs the tests stay out of it.
  const clean = Object.entries(process.env).filter(([name]) => !/^(FAKTORY|WORKER|JOBSTORM)_/.test(name));
  const child = spawn(process.execPath, [...program, ...argv], {
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
  const exit = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  );
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  const ready = until('the worker to fetch', () => ended || /fetching from/.test(text), { timeoutMs: 30_000 }).then(
    () => {
      if (!/fetching from/.test(text)) throw new Error(`the worker ended: ${text}`);
    },
  );
  ready.catch(() => {});
  const all = () => descendants(child.pid!);
  const processes = () => all().filter(runsWorker);
  return {
    child,
    processes,
    output: () => text,
    ready,
    exit,
    kill() {
      for (const pid of [...all(), child.pid!]) signalIfAlive(pid, 'SIGKILL');
    },
  };
}

/** Runs `check` with one that is ready, and leaves none behind. */
export async function withWorker(
  argv: string[],
  check: (worker: ChildWorker) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const worker = spawnWorker(argv, env);
  try {
    await worker.ready;
    await check(worker);
  } catch (error) {
    throw new Error(`${(error as Error).message}; the worker said: ${worker.output()}`, { cause: error });
  } finally {
    worker.kill();
    await worker.exit;
  }
}

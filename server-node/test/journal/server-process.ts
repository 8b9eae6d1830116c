// A server in a process of its own, to be killed: what is tested is the program as it is run, on a real disk.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export class ServerProcess {
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #said: () => string;

  private constructor(child: ChildProcess, port: number, said: () => string) {
    this.#child = child;
    this.#said = said;
    this.port = port;
    this.pid = child.pid!;
  }

  /** What it said on stderr, up to now. */
  get said(): string {
    return this.#said();
  }

  /** Resolves once it serves the folder. */
  static async start(folder: string): Promise<ServerProcess> {
    const args = ['--import', 'tsx', main, '--listen', '127.0.0.1:0', '--web', 'off', '--data', folder];
    const { PATH = '', HOME = folder } = process.env;
    const child = spawn(process.execPath, args, {
      env: { PATH, HOME },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the server ended before it was ready: ${said}`);
    });
    ended.catch(() => {}); // later it is killed on purpose
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ type: string; port: number }];
    if (message.type !== 'ready') throw new Error(`the server could not start: ${JSON.stringify(message)}`);
    return new ServerProcess(child, message.port, () => said);
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Gives `work` a folder, and removes it. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jobstorm-data-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

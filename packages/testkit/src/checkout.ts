// A copy of this checkout in a folder of its own, as a second user on the same host would have it: the tracked files, the
// packages by a link, nothing of `.env` or `.jobstorm`. Its recipes run as people type them.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const settings =
  /^(FAKTORY_|WORKER_|BATCH_|JOBSTORM_|REPLICAS|BIND_ADDR|NO_COLOR|NODE_TEST_CONTEXT|API_PORT|DASHBOARD_PORT)/;

export interface RecipeEnd {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Both, in the order they came. */
  output: string;
}

export interface Recipe {
  child: ChildProcess;
  output(): string;
  ended: Promise<RecipeEnd>;
}

export class Checkout {
  readonly dir: string;
  readonly #prefix: readonly string[];

  /**
   * @param root the checkout to copy, as it is now, with what is not committed
   * @param prefix what stands before every command, e.g. `ip netns exec NAME`
   */
  constructor(root: string, prefix: readonly string[] = []) {
    this.dir = mkdtempSync(join(tmpdir(), 'jobstorm-checkout-'));
    this.#prefix = prefix;
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
    for (const path of list.toString().split('\0')) {
      if (path === '' || !existsSync(join(root, path))) continue;
      mkdirSync(dirname(join(this.dir, path)), { recursive: true });
      cpSync(join(root, path), join(this.dir, path), { preserveTimestamps: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.dir, 'node_modules'));
  }

  /** Starts `just ARGS` in it, away from the caller's settings. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Recipe {
    return this.#start(['npx', '-y', 'rust-just', ...args], env);
  }

  /** Starts `jobstorm ARGS`: its process itself, to be sent signals, and for hosts from which no package can be had. */
  startJobstorm(args: readonly string[], env: Readonly<Record<string, string>> = {}): Recipe {
    return this.#start([process.execPath, 'bin/jobstorm', ...args], env);
  }

  /** Runs it to its end. */
  jobstorm(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RecipeEnd> {
    return this.startJobstorm(args, env).ended;
  }

  #start(words: readonly string[], env: Readonly<Record<string, string>>): Recipe {
    const kept = Object.entries(process.env).filter(([name]) => !settings.test(name));
    const [command, ...rest] = [...this.#prefix, ...words];
    const child = spawn(command!, rest, {
      cwd: this.dir,
      env: { ...Object.fromEntries(kept), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '', output: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (piece: string) => {
        text[name] += piece;
        text.output += piece;
      });
    }
    const ended = new Promise<RecipeEnd>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...text }));
    });
    return { child, output: () => text.output, ended };
  }

  /** Runs `just ARGS` to its end. */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RecipeEnd> {
    return this.start(args, env).ended;
  }

  /** Runs `just ARGS`. @throws Error with all that it said when it ends with another exit code */
  async expect(args: readonly string[], env: Readonly<Record<string, string>> = {}, code = 0): Promise<RecipeEnd> {
    const end = await this.run(args, env);
    if (end.code === code) return end;
    throw new Error(`just ${args.join(' ')} ended with ${end.code}, expected ${code}:\n${end.output}`);
  }

  /** Deletes the folder; what its recipes started has to be gone. */
  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

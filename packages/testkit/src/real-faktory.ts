// Starts the real Faktory server (https://github.com/contribsys/faktory) for tests that compare with it. The environment
// variable JOBSTORM_REAL_FAKTORY names its binary; redis-server has to be on the PATH, since Faktory starts one of its own.
// Invariant: after close(), or when this process exits, neither it nor its Redis nor its data folder is left.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './port.ts';
import { descendants, isAlive, signalIfAlive } from './process-tree.ts';
import { RawConnection } from './raw-connection.ts';
import { until } from './until.ts';

export interface RealFaktory {
  /** `tcp://127.0.0.1:port`, with the password when there is one. */
  url: string;
  host: string;
  port: number;
  /** Of its web pages; `/stats` and `/health` are there. */
  webPort: number;
  pid: number;
  /** Its data folder, gone after close(). */
  dir: string;
  close(): Promise<void>;
}

/** The binary to run, or null when this machine has not been told of one. */
export function realFaktoryPath(): string | null {
  return process.env.JOBSTORM_REAL_FAKTORY || null;
}

export interface RealFaktoryOptions {
  /** null or left out: none is asked for. */
  password?: string | null;
  /** PEM; with them it serves by TLS. */
  tls?: { cert: string; key: string } | null;
}

interface Launched {
  child: ChildProcess;
  port: number;
  dir: string;
  /** What to trust, if it serves by TLS. */
  ca: string | null;
  output: string[];
}

async function launch(binary: string, { password = null, tls = null }: RealFaktoryOptions): Promise<Launched> {
  const port = await freePort(2);
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-faktory-'));
  const config = join(dir, 'config');
  mkdirSync(config);
  if (tls) writeFileSync(join(config, 'public.cert.pem'), tls.cert);
  if (tls) writeFileSync(join(config, 'private.key.pem'), tls.key);
  const args = ['-b', `127.0.0.1:${port}`, '-w', `127.0.0.1:${port + 1}`, '-d', dir, '-c', config, '-l', 'warn'];
  // Settings of whoever runs the tests (FAKTORY_*, a ~/.faktory folder) stay out of it.
  const env = { PATH: process.env.PATH ?? '', HOME: dir, ...(password === null ? {} : { FAKTORY_PASSWORD: password }) };
  const child = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => output.push(text));
  await new Promise<void>((settled) => {
    child.once('spawn', settled);
    child.once('error', (error) => {
      output.push(String(error));
      settled();
    });
  });
  return { child, port, dir, ca: tls?.cert ?? null, output };
}

const hasEnded = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

/** True once it greets; false when it ended instead. */
async function isReady({ child, port, ca, output }: Launched): Promise<boolean> {
  const state = await until(
    'Faktory to greet',
    async () => {
      if (hasEnded(child)) return 'ended';
      const connection = await RawConnection.open({ port, ...(ca === null ? {} : { ca }) }).catch(() => null);
      if (!connection) return null;
      const hi = await connection.reply(2000).catch(() => null);
      connection.destroy();
      return hi?.startsWith('+HI ') ? 'ready' : null;
    },
    { timeoutMs: 20_000, intervalMs: 20 },
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it said: ${output.join('').slice(-2000)}`);
  });
  return state === 'ready';
}

/** Asks it to end, which takes its Redis along; what is left after 10 s is killed. */
async function end({ child, dir }: Launched): Promise<void> {
  const pids = child.pid === undefined ? [] : [child.pid, ...descendants(child.pid)];
  if (!hasEnded(child)) child.kill('SIGTERM');
  const allGone = () => !pids.some(isAlive);
  await until('Faktory to end', allGone, { timeoutMs: 10_000, intervalMs: 20 }).catch(async () => {
    for (const pid of pids) signalIfAlive(pid, 'SIGKILL');
    await until('Faktory to die', allGone, { timeoutMs: 5000, intervalMs: 20 });
  });
  rmSync(dir, { recursive: true, force: true });
}

function handle(launched: Launched, password: string | null): RealFaktory {
  const pid = launched.child.pid;
  if (pid === undefined) throw new Error('a Faktory that greets has a pid');
  const killAll = () => {
    for (const each of [pid, ...descendants(pid)]) signalIfAlive(each, 'SIGKILL');
    rmSync(launched.dir, { recursive: true, force: true });
  };
  process.once('exit', killAll);
  let closing: Promise<void> | null = null;
  const { port } = launched;
  return {
    url: `${launched.ca === null ? 'tcp' : 'tcp+tls'}://${password === null ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    webPort: port + 1,
    pid,
    dir: launched.dir,
    close() {
      closing ??= end(launched).finally(() => process.off('exit', killAll));
      return closing;
    },
  };
}

/**
 * Starts one on free loopback ports with a data folder of its own and resolves once it greets.
 * @throws Error when JOBSTORM_REAL_FAKTORY is not set, or with what the binary printed when it does not come up
 */
export async function startRealFaktory(options: RealFaktoryOptions = {}): Promise<RealFaktory> {
  const binary = realFaktoryPath();
  if (binary === null) throw new Error('JOBSTORM_REAL_FAKTORY is not set; it names the faktory binary to start');
  let said = '';
  // A port can be taken between its choice and its use: then it ends at once, and another pair is tried.
  for (let attempt = 0; attempt < 3; attempt++) {
    const launched = await launch(binary, options);
    try {
      if (await isReady(launched)) return handle(launched, options.password ?? null);
    } catch (error) {
      await end(launched);
      throw error;
    }
    said = launched.output.join('').slice(-2000);
    await end(launched);
  }
  throw new Error(`${binary} ended instead of serving; it said: ${said}`);
}

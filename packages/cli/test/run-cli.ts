// Runs the command line from its sources as a child process, away from this checkout's `.env` and from the caller's settings.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, runResultSchema } from '@jobstorm/loadtest';
import { Value } from '@sinclair/typebox/value';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');
const settings = /^(FAKTORY_|WORKER_|BATCH_|JOBSTORM_|BIND_ADDR|NO_COLOR|NODE_TEST_CONTEXT)/;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  pid: number;
  stdout(): string;
  stderr(): string;
  ended: Promise<Ended>;
}

function cleanEnv(env: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !settings.test(name));
  return { ...Object.fromEntries(kept), ...env };
}

/** Starts `jobstorm ARGS` in a folder of its own, which goes when it has ended. `prepare` puts files into it before. */
export function startCli(
  args: readonly string[],
  env: Record<string, string> = {},
  prepare: (cwd: string) => void = () => {},
): Started {
  const cwd = mkdtempSync(join(tmpdir(), 'jobstorm-cli-'));
  prepare(cwd);
  const child = spawn(process.execPath, ['--import', tsx, main, ...args], {
    cwd,
    env: cleanEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      rmSync(cwd, { recursive: true, force: true });
      resolve({ code, stdout, stderr });
    });
  });
  return { child, pid: child.pid!, stdout: () => stdout, stderr: () => stderr, ended };
}

const mostRuns = 3;

/** The run says that all that speaks against it is a machine without CPU to spare. */
export function wasStarved({ code, stdout }: Pick<Ended, 'code' | 'stdout'>): boolean {
  const reasons = stdout.match(/^ {2}not valid .*$/gm) ?? [];
  return code === 111 && reasons.length > 0 && reasons.every((each) => /event loop|stood still|room took/.test(each));
}

/** Runs it to its end: once more where the machine had no CPU to spare for it, which is nothing that a test is about. */
export async function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
  prepare: (cwd: string) => void = () => {},
): Promise<Ended> {
  return unlessStarved(() => startCli(args, env, prepare).ended);
}

/** The first run that was not starved of CPU, or the third. */
export async function unlessStarved<End extends Pick<Ended, 'code' | 'stdout'>>(run: () => Promise<End>): Promise<End> {
  for (let made = 1; ; made++) {
    const end = await run();
    if (made === mostRuns || !wasStarved(end)) return end;
  }
}

/** The result that --json wrote, which fits the published schema. */
export function readResult(path: string): RunResult {
  const result = JSON.parse(readFileSync(path, 'utf8')) as RunResult;
  const mistakes = [...Value.Errors(runResultSchema, result)].map((each) => `${each.path}: ${each.message}`);
  assert.deepEqual(mistakes, []);
  return result;
}

/** A path for --json that goes with the process. */
export function jsonPath(): string {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-json-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'out.json');
}

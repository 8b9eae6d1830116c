// Clients in other languages, run as programs of their own: each plays its round against a server and says what it saw as one
// line of JSON. What they need is put into a temporary folder, and a machine that lacks it says so.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Subject, startEmbedded, startReal } from './subjects.ts';

export const clientsDir = fileURLToPath(new URL('clients', import.meta.url));

/** A plain password, which every client's way of writing URLs can carry. */
const password = 'secret';
const commandMs = 150_000;

interface Outcome {
  /** null: there is no such program, or it was stopped. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. */
export function run(
  command: string,
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const { cwd = clientsDir, env = {} } = options;
    const child = spawn(command, argv, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: commandMs,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.once('error', (error) => resolve({ code: null, stdout, stderr: error.message }));
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The last line that says anything. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** A folder that is gone after the test. */
export function temporaryDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-client-'));
  // Go marks what it keeps as read-only, which is no hindrance to rmSync's owner.
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

/** `ready`: the client can be run; a sentence: why not. */
export type Preparation = 'ready' | { missing: string };

export interface ForeignClient {
  prepare(dir: string): Promise<Preparation>;
  /** Plays the round against the server there. */
  play(url: string, dir: string): Promise<Outcome>;
  /** What any right server leads to. */
  expected: object;
}

async function round(client: ForeignClient, subject: Subject, dir: string): Promise<unknown> {
  const { code, stdout, stderr } = await client.play(`tcp://:${password}@${subject.host}:${subject.port}`, dir);
  assert.equal(code, 0, `on ${subject.name}: ${stderr.slice(-3000)}`);
  return JSON.parse(lastLine(stdout));
}

/** The round on both servers, each with a password; both have to lead to what is expected. */
export async function compareRounds(t: TestContext, client: ForeignClient): Promise<void> {
  const dir = temporaryDir(t);
  const preparation = await client.prepare(dir);
  if (preparation !== 'ready') {
    t.skip(preparation.missing);
    return;
  }
  const subjects = await Promise.all([startEmbedded({ password }), startReal({ password })]);
  t.after(() => Promise.all(subjects.map((subject) => subject.close())));
  for (const subject of subjects) {
    assert.deepEqual(await round(client, subject, temporaryDir(t)), client.expected, subject.name);
  }
}

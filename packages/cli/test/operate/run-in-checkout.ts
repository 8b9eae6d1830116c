// Runs the command line from its sources in a folder that counts as a checkout, without Docker unless told.

import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { composeFiles } from '../../src/operate/checkout.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder with compose files that goes with the test. */
export function bareCheckout(t: TestContext): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'jobstorm-operate-')));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const file of Object.values(composeFiles)) writeFileSync(join(dir, file), 'services: {}\n');
  return dir;
}

/** Nothing of the caller's environment but what finds programs. */
export function runIn(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', tsx, main, ...args], {
      cwd: dir,
      env: { PATH, HOME, JOBSTORM_ENGINE: 'native', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (piece: string) => {
        text[name] += piece;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...text }));
  });
}

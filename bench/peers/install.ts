// What peers run on, brought into this checkout once: Python packages into .jobstorm/peers, BullMQ beside its programs. A peer
// whose ground is missing is left out with the reason, and is no error.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const programs = fileURLToPath(new URL('./programs/', import.meta.url));
const cache = fileURLToPath(new URL('../../.jobstorm/peers/', import.meta.url));

/** A peer can't be had here; the message says what is missing. */
export class NotHere extends Error {}

function run(command: string, args: readonly string[], cwd = programs): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (status === 0) return stdout;
  const said = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  throw new NotHere(`${command} ${args.slice(0, 3).join(' ')} failed: ${said}`);
}

function isAtLeast(python: string, minor: number): boolean {
  const { status } = spawnSync(python, ['-c', `import sys, venv; sys.exit(sys.version_info < (3, ${minor}))`]);
  return status === 0;
}

/** The first Python 3 on the PATH, or under pyenv's folder, that is new enough. */
function findPython(minor: number): string {
  const versions = Array.from({ length: 8 }, (_, at) => `python3.${minor + at}`);
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const found = ['python3', ...versions, ...pythonsUnder(pyenv)].find((python) => isAtLeast(python, minor));
  if (found === undefined) throw new NotHere(`no Python 3.${minor} or newer was found`);
  return found;
}

function pythonsUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((version) => join(folder, version, 'bin/python3'));
}

/** @returns the folder of programs of a virtual environment with those requirements. @throws NotHere */
export function pythonTools(minor: number): string {
  const requirements = join(programs, `requirements-3.${minor}.txt`);
  const venv = join(cache, `python-3.${minor}`);
  const stamp = join(venv, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    mkdirSync(cache, { recursive: true });
    run(findPython(minor), ['-m', 'venv', '--clear', venv]);
    run(join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    writeFileSync(stamp, wanted);
  }
  return join(venv, 'bin');
}

/** BullMQ's packages, as its lock file has them. @throws NotHere */
export function bullmqTools(): void {
  const folder = join(programs, 'bullmq');
  if (existsSync(join(folder, 'node_modules/bullmq'))) return;
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
}

/** @throws NotHere */
export function needRedis(): void {
  if (spawnSync('redis-server', ['--version']).status !== 0) throw new NotHere('redis-server is not on the PATH');
}

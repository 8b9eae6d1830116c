// Asks this machine what the doctor wants to know of it. Nothing here judges; what can't be found out is null.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { Cgroup } from '@jobstorm/telemetry';
import type { DockerCli } from '../docker/cli.ts';
import { type EngineKind, judgeProbe } from '../engine-probe.ts';
import type { DockerFacts } from './docker.ts';
import type { MachineFacts } from './machine.ts';
import type { SecretFact, SecretFacts } from './secrets.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Folders that dist/ is made of; tests are no part of it. */
const sourceRoots = ['packages', 'server-node', 'worker-node', 'api-service', 'dashboard'];
const leftOut = new Set(['node_modules', 'test']);

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const mtimeMs = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;

function newestIn(dir: string): number {
  let newest = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (leftOut.has(entry.name)) continue;
    const path = join(dir, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestIn(path) : (mtimeMs(path) ?? 0));
  }
  return newest;
}

function gatherBuild(dir: string): MachineFacts['build'] {
  try {
    const newestSourceMs = Math.max(...sourceRoots.map((root) => newestIn(join(dir, root))));
    return { builtAtMs: mtimeMs(join(dir, 'dist/jobstorm.js')), newestSourceMs };
  } catch {
    return null; // no sources here
  }
}

/** Soft limit of this process, which Node has raised to the hard one, as it does in every part. */
function openFiles(): number | null {
  const found = /^Max open files\s+(\d+|unlimited)/m.exec(readOr('/proc/self/limits') ?? '')?.[1];
  if (found === undefined) return null;
  return found === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(found);
}

/** `7419,7460-7462` as numbers. */
export function parsePorts(text: string): number[] {
  const ranges = text
    .trim()
    .split(',')
    .filter((range) => range !== '');
  return ranges.flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function outgoing(): MachineFacts['outgoing'] {
  const folder = '/proc/sys/net/ipv4';
  const [first, last] = (readOr(`${folder}/ip_local_port_range`) ?? '').trim().split(/\s+/).map(Number);
  if (!first || !last) return null;
  return { first, last, reserved: parsePorts(readOr(`${folder}/ip_local_reserved_ports`) ?? '') };
}

/** @param docker whose host the parts run on, when it can be used */
export function gatherMachine(dir: string, docker: DockerFacts): MachineFacts {
  const there = docker.whyNot === null && docker.asked !== 'native';
  return {
    node: process.versions.node,
    cores: (there ? docker.cpus : null) ?? availableParallelism(),
    quotaCores: there ? null : new Cgroup().quotaCores,
    memoryBytes: (there ? docker.memoryBytes : null) ?? totalmem(),
    freeBytes: freemem(),
    openFiles: openFiles(),
    outgoing: outgoing(),
    build: gatherBuild(dir),
  };
}

export async function gatherDocker(cli: DockerCli, asked: EngineKind | null): Promise<DockerFacts> {
  const [info, version, compose] = await Promise.all([
    cli.run(['info', '--format', '{{.NCPU}} {{.MemTotal}}']),
    cli.run(['version', '--format', '{{.Server.Version}}']),
    cli.run(['compose', 'version', '--short']),
  ]);
  const [cpus, memoryBytes] = info.stdout.trim().split(/\s+/).map(Number);
  const probe = judgeProbe({ ...info, stdout: String(cpus) }, compose);
  const answers = probe.cpus !== null;
  return {
    asked,
    engine: answers ? version.stdout.trim() || 'of a version that it does not tell' : null,
    compose: compose.code === 0 ? compose.stdout.trim().replace(/^v/, '') : null,
    whyNot: probe.whyNot,
    cpus: probe.cpus,
    memoryBytes: answers && memoryBytes ? memoryBytes : null,
  };
}

/** `env` has what `.env` says as its prototype. */
function secretIn(env: Env, name: string): SecretFact | null {
  const own = Object.hasOwn(env, name) ? (env[name] ?? '') : '';
  if (own.trim() !== '') return { source: 'environment', length: own.length };
  const behind = (Object.getPrototypeOf(env) as Env | null)?.[name] ?? '';
  return behind.trim() === '' ? null : { source: '.env', length: behind.length };
}

export function gatherSecrets(dir: string, env: Env, open: boolean): SecretFacts {
  const mode = process.platform === 'win32' ? undefined : statSync(join(dir, '.env'), { throwIfNoEntry: false })?.mode;
  return {
    open,
    password: secretIn(env, 'FAKTORY_PASSWORD'),
    token: secretIn(env, 'JOBSTORM_TOKEN'),
    envMode: mode === undefined ? null : mode & 0o777,
  };
}

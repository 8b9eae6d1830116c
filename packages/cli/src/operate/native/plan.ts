// What each part is told when it runs as a plain process: arguments without secrets, an environment with them, and where it is
// then asked how it does. Pure, but for the time at which a part's program was built.
// Invariant: a part gets its settings from the plan alone; nothing that the environment or `.env` says about addresses or
// secrets gets past it.

import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { accessKey, listenAddress } from '@jobstorm/program';
import { describeAddress, JobstormError } from '@jobstorm/protocol';
import type { ServerPlan, WorkerPlan } from '../engine.ts';
import type { NativePart, Probe } from './records.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface PartSpec {
  part: NativePart;
  program: string;
  args: string[];
  /** All of it. */
  env: Record<string, string>;
  settings: string;
  address: string | null;
  probe: Probe;
  /** Of the job server, for who has to greet it. */
  password: string | null;
}

const sources: Record<NativePart, string> = {
  server: '../../../../../server-node/src/main.ts',
  api: '../../../../../api-service/src/main.ts',
  dashboard: '../../../../../dashboard/src/main.ts',
  worker: '../../../../../worker-node/src/main.ts',
};

/** Variables that mean something to jobstorm. */
const ours = /^(FAKTORY_|WORKER_|BATCH_|JOBSTORM_|(API|DASHBOARD)_PORT$|BIND_ADDR$|REPLICAS$|LOG_LEVEL$)/;
/** Those that the plan decides, or that are for commands and not for parts. */
const decided =
  /^(FAKTORY_|JOBSTORM_(TOKEN|OPEN|ENGINE|CONTROL|COMMIT|SOURCE)$|(API|DASHBOARD)_PORT$|BIND_ADDR$|REPLICAS$)/;
/** Settings of one part are no reason to start another one anew. */
const onlyFor: readonly (readonly [RegExp, NativePart])[] = [
  [/^BATCH_/, 'api'],
  [/^(WORKER_|JOBSTORM_METRICS$)/, 'worker'],
];

/** Beside the bundle when this file is in one, else the sources. @throws JobstormError EBUILD when it is missing */
export function programOf(part: NativePart): string {
  const own = import.meta.url;
  const path = fileURLToPath(new URL(own.endsWith('.ts') ? sources[part] : `./${part}.js`, own));
  if (!existsSync(path)) throw new JobstormError('EBUILD', `${path} is missing: build first (node bin/prepare.mjs)`);
  return path;
}

/** The environment with what stands behind it as one record; blank counts as not set. */
function flat(env: Env): Record<string, string> {
  const behind = Object.getPrototypeOf(env) as Env | null;
  const all = behind === null || behind === Object.prototype ? {} : flat(behind);
  for (const [name, value] of Object.entries(env)) if (value !== undefined && value.trim() !== '') all[name] = value;
  return all;
}

function passedOn(part: NativePart, env: Env): Record<string, string> {
  const kept = Object.entries(flat(env)).filter(
    ([name]) => !decided.test(name) && onlyFor.every(([pattern, owner]) => owner === part || !pattern.test(name)),
  );
  return Object.fromEntries(kept);
}

interface Telling {
  part: NativePart;
  args: string[];
  address: string | null;
  probe: Probe;
  password: string | null;
  token: string | null;
  env: Record<string, string>;
}

/** Secrets stand in the digest as keys that cost time to guess them from. */
function digestOf({ part, args, env, password, token }: Telling, program: string): string {
  const told = Object.entries(env).filter(([name]) => ours.test(name));
  const keys = [password, token].map((secret) => secret && accessKey(secret));
  const builtAtMs = statSync(program).mtimeMs;
  const all = JSON.stringify([part, program, builtAtMs, args, told.sort(), keys]);
  return createHash('sha256').update(all).digest('base64url');
}

function specOf(telling: Telling): PartSpec {
  const { part, args, address, probe, password, token, env } = telling;
  const program = programOf(part);
  const settings = digestOf(telling, program);
  const secrets = {
    ...(password === null ? {} : { FAKTORY_PASSWORD: password }),
    ...(token === null ? {} : { JOBSTORM_TOKEN: token }),
  };
  return { part, program, args, env: { ...env, ...secrets }, settings, address, probe, password };
}

/** Where the server side listens: for other machines once there are secrets, or when it was said that none are wanted. */
export function hostOf(plan: Pick<ServerPlan, 'open' | 'password' | 'token'>): string {
  return plan.open || (plan.password !== null && plan.token !== null) ? '0.0.0.0' : '127.0.0.1';
}

/** The server side, in the order in which it starts. */
export function serverSpecs(plan: ServerPlan, host: string = hostOf(plan)): PartSpec[] {
  const { password, token, ports } = plan;
  const here = host === '0.0.0.0' ? '127.0.0.1' : host;
  const at = (port: number) => listenAddress({ host, port });
  const inside = (port: number) => listenAddress({ host: here, port });
  const url = `tcp://${inside(ports.faktory)}`;
  const common = (part: NativePart) => ({
    part,
    password,
    token,
    env: { ...passedOn(part, plan.env), ...(plan.open ? { JOBSTORM_OPEN: '1' } : {}) },
  });
  return [
    specOf({
      ...common('server'),
      args: ['--listen', at(ports.faktory), '--web', at(ports.web), '--memory'],
      address: at(ports.faktory),
      probe: { kind: 'fwp', host: here, port: ports.faktory },
    }),
    specOf({
      ...common('dashboard'),
      args: ['--listen', at(ports.dashboard), '--url', url],
      address: at(ports.dashboard),
      probe: { kind: 'http', origin: `http://${inside(ports.dashboard)}` },
    }),
    specOf({
      ...common('api'),
      args: ['--listen', at(ports.api), '--url', url, '--control', `ws://${inside(ports.dashboard)}`],
      address: at(ports.api),
      probe: { kind: 'http', origin: `http://${inside(ports.api)}` },
    }),
  ];
}

export function workerSpec(plan: WorkerPlan): PartSpec {
  const { host, port, tls, password, token, concurrency, cpus, control } = plan;
  const { WORKER_QUEUES: queues, ...env } = passedOn('worker', plan.env);
  const url = describeAddress({ host, port, password: null, ...(tls ? { tls } : {}) });
  return specOf({
    part: 'worker',
    password,
    token,
    args: ['--url', url, '--control', control, ...(queues === undefined ? [] : ['--queues', queues])],
    env: {
      JOBSTORM_METRICS: '127.0.0.1:0',
      ...env,
      ...(concurrency === null ? {} : { WORKER_CONCURRENCY: String(concurrency) }),
      ...(cpus === null ? {} : { WORKER_CPUS: String(cpus) }),
    },
    address: null,
    probe: { kind: 'log' },
  });
}

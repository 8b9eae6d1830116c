// What `jobstorm worker` can be told.

import { availableParallelism } from 'node:os';
import {
  type CommandHelp,
  defineSettings,
  jobServerAddress,
  parseDurationMs,
  parseList,
  type Setting,
  SettingsError,
  type SettingsOf,
  sharedSettings,
} from '@jobstorm/program';
import type { ServerAddress } from '@jobstorm/protocol';
import { Cgroup, partsUrl, type WorkerSettings } from '@jobstorm/telemetry';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { EngineName } from './engine.ts';
import { queuePattern, queueSlotsPattern, rateLimitPattern } from './queue-rules.ts';
import { shareOut, type WorkerTask } from './worker-task.ts';

export const help: CommandHelp = {
  usage: 'jobstorm worker [CONCURRENCY] [CPUS] [settings]',
  about: `Runs jobs in CONCURRENCY slots spread over ceil(CPUS) processes, never more than this machine has cores. Slots are not
connections: thousands of slots share a few pipelined connections to the job server.
SIGTERM: jobs finish for up to 25 s, the rest goes back to the server. SIGTSTP: quiet, it fetches no more and what runs goes on. SIGUSR2: it
leaves when what runs is done, however long that takes.`,
  examples: [
    [
      'FAKTORY_SERVER_IP=127.0.0.1 node bin/jobstorm worker 6000 8.0',
      '6,000 slots on up to 8 cores, jobs from that Faktory',
    ],
    [
      'node bin/jobstorm worker 200 --jobs my-jobs.mjs --queues fast,slow',
      'your own handlers; slow only when fast is empty',
    ],
    [
      'node bin/jobstorm worker 200 --queues fast:5,slow:1 --queue-slots slow=10',
      'fast first five times in six, slow in 10 slots at most',
    ],
    [
      'node bin/jobstorm worker 16 --jobs worker-node/examples/hashing.ts',
      'one of the example jobs modules, in TypeScript',
    ],
  ],
};

export const table = defineSettings({
  concurrency: {
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    positional: 0,
    env: ['WORKER_CONCURRENCY'],
    default: 2000,
    help: 'slots: jobs run at the same time',
    expected: 'a whole number of slots from 1 to 1000000',
  },
  cpus: {
    schema: Type.Number({ minimum: 0.1, maximum: 1024 }),
    positional: 1,
    env: ['WORKER_CPUS'],
    default: 4,
    help: 'cores to use at most, as a count of processes',
    expected: 'a number of cores from 0.1 to 1024',
  },
  url: {
    ...sharedSettings.url,
    default: 'tcp://127.0.0.1:7419',
    help: 'job server to fetch from; a bare host means port 7419',
  },
  password: sharedSettings.password,
  queues: {
    schema: Type.Array(Type.String({ pattern: queuePattern }), { minItems: 1 }),
    flag: 'queues',
    default: ['jobstorm'],
    help: 'queues to fetch from, the leftmost first; or by weight: fast:5,slow:1',
    value: 'A,B',
    expected:
      'queue names of letters, digits, dots, _ and -, with weights from 1 to 9999 behind colons if any, separated by commas',
    parse: parseList,
  },
  queueSlots: {
    schema: Type.Array(Type.String({ pattern: queueSlotsPattern })),
    flag: 'queue-slots',
    default: [] as string[],
    help: 'slots that the jobs of a queue may take at most',
    value: 'SLOW=10,…',
    expected: 'QUEUE=SLOTS, separated by commas',
    parse: parseList,
  },
  rateLimit: {
    schema: Type.Array(Type.String({ pattern: rateLimitPattern })),
    flag: 'rate-limit',
    default: [] as string[],
    help: 'jobs a second (/s), minute (/m) or hour (/h) of a queue, or of a job type; each process may start one at once',
    value: 'SLOW=100/s,…',
    expected: 'NAME=COUNT/s, /m or /h, separated by commas; NAME a queue or a job type, or queue:NAME, type:NAME',
    parse: parseList,
  },
  prefetch: {
    schema: Type.Integer({ minimum: 0, maximum: 100_000 }),
    flag: 'prefetch',
    default: 0,
    help: 'jobs fetched before there is a slot for them',
    expected: 'a whole number of jobs from 0 to 100000',
  },
  jobTimeout: {
    schema: Type.Number({ minimum: 1, maximum: 86_400_000 }),
    flag: 'job-timeout',
    default: null,
    help: 'how long one job may take before it is FAILed; a jobs module may say it by job type',
    value: '30s',
    expected: 'a duration from 1ms to 24h, such as 500ms, 30s or 2m',
    parse: parseDurationMs,
  },
  engine: {
    schema: Type.Union([Type.Literal('pipelined'), Type.Literal('faktory-worker')]),
    flag: 'engine',
    default: 'pipelined',
    help: "pipelined, or faktory-worker: the npm package's own Worker, as a baseline",
    value: 'NAME',
    expected: 'pipelined or faktory-worker',
  },
  jobs: {
    schema: Type.String({ minLength: 1 }),
    flag: 'jobs',
    default: null,
    help: 'module with handlers of your own, exported by job type or by register(jobtype, handler)',
    value: 'FILE.mjs|.ts',
    expected: 'the path of a module',
  },
  control: {
    schema: Type.String({ pattern: '^(ws|http)s?://.+' }),
    flag: 'control',
    env: ['JOBSTORM_CONTROL'],
    default: null,
    help: 'control room to send snapshots to; the worker works on without it',
    value: 'ws://HOST:7460',
    expected: 'ws://host:port',
    parse: (text) => partsUrl(text) && text,
  },
  token: {
    ...sharedSettings.token,
    help: "the control room's token, and asked of whoever reads --metrics",
  },
  metrics: {
    ...sharedSettings.listen,
    flag: 'metrics',
    env: ['JOBSTORM_METRICS'],
    help: 'where to serve GET /metrics for Prometheus and GET /health; beyond loopback only with a token',
  },
  cpuProf: {
    schema: Type.String({ minLength: 1 }),
    flag: 'cpu-prof',
    default: null,
    help: 'write a CPU profile of each process into that folder when it ends',
    value: 'DIR',
    expected: 'the path of a folder',
  },
  open: sharedSettings.open,
  hostName: sharedSettings.hostName,
});

export interface WorkerPlan {
  address: ServerAddress;
  task: WorkerTask;
  /** Processes that the grant has cores for, and no more. */
  maxProcesses: number;
  capCores: number;
  /** What it runs in would give it more, so that the cap has to be kept here. */
  ownCap: boolean;
  /** One line about what was asked for and can't be had; null when all can. */
  note: string | null;
  engine: EngineName;
}

/** What this machine, or the container that this runs in, has to give. */
export interface Grant {
  cores: number;
  /** Cores that the quota of a control group comes to; null: none is set. */
  quotaCores: number | null;
}

export function measureGrant(): Grant {
  return { cores: availableParallelism(), quotaCores: new Cgroup().quotaCores };
}

/**
 * What the settings come to here.
 * @throws SettingsError when the job server's address is none, or limits don't fit the queues or the engine
 */
export function planWorker(settings: SettingsOf<typeof table>, grant: Grant = measureGrant()): WorkerPlan {
  const { concurrency, engine, queues, queueSlots, rateLimit, prefetch } = settings;
  const { capCores, note } = capOf(settings.cpus, grant);
  const processes = Math.max(1, Math.min(Math.ceil(capCores), concurrency));
  const task = { slots: concurrency, processes, queues, queueSlots, rateLimit, prefetch };
  checkTask(task, engine);
  const granted = Math.min(grant.cores, grant.quotaCores ?? grant.cores);
  return {
    address: jobServerAddress(settings.url, settings.password),
    task,
    maxProcesses: Math.max(1, Math.ceil(granted)),
    capCores,
    ownCap: capCores < granted,
    note,
    engine,
  };
}

/** @throws SettingsError */
function checkTask(task: WorkerTask, engine: EngineName): void {
  const given = [
    task.queueSlots.length > 0 && '--queue-slots',
    task.rateLimit.length > 0 && '--rate-limit',
    task.prefetch > 0 && '--prefetch',
  ];
  const refused = given.filter((flag) => flag !== false);
  if (engine === 'faktory-worker' && refused.length > 0)
    throw new SettingsError([
      `${refused.join(', ')}: the faktory-worker engine can't do that; leave it out, or use --engine pipelined`,
    ]);
  try {
    shareOut(task);
  } catch (error) {
    throw new SettingsError([(error as Error).message]);
  }
}

const changeable = {
  slots: table.concurrency,
  queues: table.queues,
  queueSlots: table.queueSlots,
  rateLimit: table.rateLimit,
  prefetch: table.prefetch,
} satisfies Record<Exclude<keyof WorkerSettings, 'processes'>, Setting>;

/**
 * The task as the control room wants it.
 * @throws RangeError with a sentence when it can't be had; nothing of it is to be done then
 */
export function changedTask(
  task: WorkerTask,
  wanted: WorkerSettings,
  { maxProcesses, engine }: Pick<WorkerPlan, 'maxProcesses' | 'engine'>,
): WorkerTask {
  if (engine === 'faktory-worker') throw new RangeError('the faktory-worker engine takes none while it runs');
  const changed: Record<string, unknown> = { ...task };
  for (const [name, { schema, expected }] of Object.entries(changeable)) {
    const value = wanted[name as keyof typeof changeable];
    if (value === undefined) continue;
    if (!Value.Check(schema, value))
      throw new RangeError(`${name}: got ${JSON.stringify(value)}, expected ${expected}`);
    changed[name] = value;
  }
  const { processes = task.processes } = wanted;
  if (!Number.isInteger(processes) || processes < 1 || processes > maxProcesses)
    throw new RangeError(
      `processes: got ${JSON.stringify(processes)}, expected 1 to ${maxProcesses}, as there are cores`,
    );
  const made = { ...(changed as unknown as WorkerTask), processes };
  shareOut(made);
  return made;
}

function capOf(cpus: number, { cores, quotaCores }: Grant): Pick<WorkerPlan, 'capCores' | 'note'> {
  const capCores = Math.min(cpus, cores, quotaCores ?? cores);
  if (capCores === cpus) return { capCores, note: null };
  const has = capCores === cores ? `this machine has ${cores}` : `a control group (a container's) grants ${capCores}`;
  return { capCores, note: `${cpus} CPUs were asked for and ${has}: using ${capCores}` };
}

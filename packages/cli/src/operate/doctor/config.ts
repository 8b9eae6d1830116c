// What `jobstorm doctor` can be told: the same variables that the worker and the server are started with, and what jobs there will be.

import { type CommandHelp, defineSettings, parseDurationMs, type SettingsOf } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';
import { perfTestSettings } from '../../config.ts';
import { upServerSettings, upWorkerSettings } from '../config.ts';

const unitBytes: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** As Docker takes it: 512m, 4G, 4gb, 1073741824; 0: not limited. Throws on anything else. */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([bkmg])?b?$/i.exec(text.trim());
  if (!match) throw new RangeError(`"${text}" is no amount of memory`);
  return Math.round(Number(match[1]) * unitBytes[(match[2] ?? 'b').toLowerCase()]!);
}

const { faktoryPort, webPort, apiPort, dashboardPort, engine, open } = upServerSettings;

export const doctorSettings = defineSettings({
  concurrency: { ...upWorkerSettings.concurrency, default: 2000, help: 'slots that a worker is to have' },
  cpus: { ...upWorkerSettings.cpus, default: 4, help: 'cores that it may use' },
  url: {
    ...upWorkerSettings.url,
    help: 'job server to look at; unset: that of the cluster that was started last, or one on this machine',
  },
  password: upWorkerSettings.password,
  token: upServerSettings.token,
  rate: {
    ...perfTestSettings.rate,
    help: 'jobs a second that there will be, for the advice on slots; with --service-time',
  },
  serviceTimeMs: {
    schema: Type.Number({ minimum: 0, maximum: 86_400_000 }),
    flag: 'service-time',
    default: null,
    value: '100ms',
    help: 'how long a job takes',
    expected: 'a duration like 100ms',
    parse: parseDurationMs,
  },
  replicas: {
    schema: Type.Integer({ minimum: 1, maximum: 1000 }),
    env: ['REPLICAS'],
    default: 1,
    help: 'workers on this host',
    expected: 'a whole number from 1 to 1000',
  },
  workerMemory: {
    schema: Type.Number({ minimum: 0 }),
    env: ['WORKER_MEMORY'],
    default: null,
    help: 'memory limit of a worker',
    expected: 'an amount like 4G',
    parse: parseMemory,
  },
  faktoryPort,
  webPort,
  apiPort,
  dashboardPort,
  open,
  engine,
  json: {
    schema: Type.String({ minLength: 1 }),
    flag: 'json',
    default: null,
    value: 'FILE',
    help: 'write findings and facts to this file too; -: to the output, in place of the lines',
    expected: 'the path of a file, or -',
  },
});

export type DoctorSettings = SettingsOf<typeof doctorSettings>;

export const doctorHelp: CommandHelp = {
  usage: 'jobstorm doctor [CONCURRENCY] [CPUS] [--url tcp://HOST:7419] [--rate JOBS_PER_S --service-time 100ms]',
  about:
    'Looks over this machine, the settings and the job server before anything is measured; each finding with a remedy beside it.\n' +
    'ok: good. warn: it works, though not as well as it could. fix: something will fail or be wrong.\n' +
    '\n' +
    'exit codes: 0 nothing has to be fixed, 1 something has, 104 bad settings',
  examples: [
    ['just doctor', 'this machine, and the cluster that was started last'],
    ['FAKTORY_SERVER_IP=192.168.1.100 just doctor 6000 8.0', 'is that server in reach of a worker like this here?'],
    ['just doctor --rate 5000 --service-time 200ms', 'how many slots these jobs need'],
  ],
};

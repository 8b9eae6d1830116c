// What `jobstorm chaos-test` can be told.

import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type CommandHelp, defineSettings, parseDurationMs, readSettings, SettingsError } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';
import { configOf, type PerfTestConfig, perfTestSettings } from '../config.ts';
import { noJudging } from '../judge-settings.ts';
import { plainLoad } from '../load-settings.ts';
import { reportSettings } from '../report-settings.ts';

const { url, password, api, control, token, hostName, concurrency, cpus, via, queue, patienceMs, jobs } =
  perfTestSettings;

export const chaosSettings = defineSettings({
  jobs: { ...jobs, default: 1_000_000, help: 'jobs to submit' },
  url: { ...url, help: 'job server to test, with workers of its own; without one a local cluster is booted for it' },
  password,
  api,
  control,
  token,
  hostName,
  workers: {
    schema: Type.Integer({ minimum: 1, maximum: 64 }),
    flag: 'workers',
    default: 3,
    value: 'N',
    help: 'workers to start and to kill',
    expected: 'a whole number from 1 to 64',
  },
  concurrency: { ...concurrency, default: 500, help: 'slots of each worker' },
  cpus: { ...cpus, default: 1, help: 'CPUs of each worker, at most what this machine has' },
  killEveryMs: {
    schema: Type.Number({ minimum: 50, maximum: 3_600_000 }),
    flag: 'kill-every',
    default: 3000,
    value: '3s',
    help: 'how far apart kills are, on average, until nine tenths of the jobs are done; a bare number is ms',
    expected: 'a duration from 50ms to 1h, like 3s',
    parse: parseDurationMs,
  },
  seed: {
    schema: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }),
    flag: 'seed',
    default: 1,
    value: 'N',
    help: 'whom to kill and when: the same seed, the same plan',
    expected: 'a whole number from 0 to 4294967295',
  },
  data: {
    schema: Type.String({ minLength: 1 }),
    flag: 'data',
    default: null,
    value: 'DIR',
    help: 'give the local server a journal in this folder, and kill the server too',
    expected: 'a folder',
    parse: (text) => resolve(text),
  },
  serviceTimeMs: {
    ...perfTestSettings.serviceTimeMs,
    default: 10,
    help: 'how long each job takes: so many are running when a worker dies',
  },
  via,
  queue: { ...queue, default: 'jobstorm-chaos', help: 'queue to push to, and that the workers fetch from' },
  patienceMs: { ...patienceMs, default: 240_000, value: '240s' },
  ...reportSettings,
});

/** The settings of a chaos-test, checked against each other. */
export interface ChaosConfig extends PerfTestConfig {
  chaos: { workers: number; killEveryMs: number; seed: number; data: string | null; serviceMs: number };
}

export const chaosHelp: CommandHelp = {
  usage: 'jobstorm chaos-test [JOBS] [settings]',
  about:
    'Submits a million jobs, kills workers at random while they run (SIGKILL, by a seeded plan) and starts others in their place;\n' +
    'with --data the server too. Ends with the ledger: accepted, completed, lost, duplicated, and how soon it recovered from each\n' +
    'kill. Jobs that ran on a killed worker come back when their reservation ends, so it waits for about two minutes at the end.\n' +
    'Only what the command has started is killed.\n' +
    '\n' +
    'exit codes: 0 nothing lost (duplicates are expected and counted), 104 bad settings, 105 interrupted, 111 it proves nothing\n' +
    '(nobody was killed, or jobs were still held at the end), 112 jobs were lost, 1 anything else',
  examples: [
    ['just chaos-test', 'a million jobs on this machine, three workers, one killed every 3 s or so'],
    ['just chaos-test 200000 --data jobs', 'the server too: it keeps its jobs in the folder jobs'],
    ['just chaos-test 100000 --url tcp://192.168.1.100', 'against a Faktory that runs there: only workers are killed'],
    ['just chaos-test 200000 --seed 7 --html run.html', 'another plan, and the run as a page'],
  ],
};

/** @throws SettingsError with every mistake found */
export function readChaosTest(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): ChaosConfig {
  const { workers, killEveryMs, seed, data, serviceTimeMs, ...values } = readSettings(chaosSettings, argv, env);
  if (data !== null && values.url !== null) {
    throw new SettingsError(['--data is for the local server, but another one is named: leave one of them out']);
  }
  const { payloadBytes, failShare } = perfTestSettings;
  const config = configOf('chaos-test', {
    ...values,
    engine: 'pipelined',
    jobtype: 'chaos',
    serviceTimeMs: null,
    payloadBytes: payloadBytes.default,
    failShare: failShare.default,
    ...plainLoad,
    thresholds: null,
    tell: null,
    ...noJudging,
  });
  return {
    ...config,
    ...(data === null ? {} : { localServer: `server-node with its journal in ${data}` }),
    workerCpus: Math.min(values.cpus, availableParallelism()),
    chaos: { workers, killEveryMs, seed, data, serviceMs: serviceTimeMs },
  };
}

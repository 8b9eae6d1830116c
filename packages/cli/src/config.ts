// What `jobstorm perf-test` can be told. The only place of the command line that knows its environment variables.

import { availableParallelism } from 'node:os';
import { type JobShape, mixLimits, parseThreshold, type Scenario, type Threshold, type Via } from '@jobstorm/loadtest';
import {
  type CommandHelp,
  defineSettings,
  jobServerAddress,
  parseDurationMs,
  readSettings,
  SettingsError,
  type SettingsOf,
  sharedSettings,
} from '@jobstorm/program';
import type { ServerAddress } from '@jobstorm/protocol';
import { Type } from '@sinclair/typebox';
import { type NotedParts, noneNoted } from './cluster-choice.ts';
import type { ShownRoom } from './control.ts';
import { judgeSettings } from './judge-settings.ts';
import { chooseLoad, defaultJobs, type LoadChoice, loadSettings, mostJobs } from './load-settings.ts';
import { reportSettings } from './report-settings.ts';
import type { Turn } from './run-series.ts';

/** `http://host:port`, with nothing after it. Throws on anything else. */
function httpOrigin(text: string, schemes: readonly string[]): string {
  const url = new URL(text.includes('://') ? text : `${schemes[0]}//${text}`);
  if (!schemes.includes(url.protocol) || url.pathname !== '/' || url.search !== '') throw new RangeError(text);
  return `${url.protocol}//${url.host}`;
}

/** Parses a comma-separated list of threshold expressions; the expressions come back as they are. */
function thresholdList(text: string): string {
  for (const expression of text.split(',')) parseThreshold(expression);
  return text;
}

export const perfTestSettings = defineSettings({
  jobs: {
    schema: Type.Integer({ minimum: 1, maximum: mostJobs }),
    positional: 0,
    default: null,
    help: `jobs to submit [default ${defaultJobs}; with --ramp or --duration what they come to]`,
    expected: `a whole number from 1 to ${mostJobs}`,
  },
  url: {
    ...sharedSettings.url,
    help: 'job server to measure; else the one that this checkout started last, else a local cluster booted for the run',
  },
  password: sharedSettings.password,
  api: {
    schema: Type.String(),
    flag: 'api',
    default: null,
    value: 'http://HOST:3000',
    help: "api-service to submit through; else the one at the server's port 3000, else one of its own",
    expected: 'an address like http://host:3000',
    parse: (text) => httpOrigin(text, ['http:']),
  },
  control: {
    schema: Type.String(),
    flag: 'control',
    default: null,
    value: 'ws://HOST:7460',
    help: "control room that the workers report to; else the one at the server's port 7460, else one of its own",
    expected: 'an address like ws://host:7460',
    parse: (text) => httpOrigin(text.replace(/^ws/, 'http'), ['http:']),
  },
  tell: {
    schema: Type.String(),
    flag: 'tell',
    default: null,
    value: 'ws://HOST:7460',
    help: 'control room whose page shows the run; else the one that the workers report to',
    expected: 'an address like ws://host:7460',
    parse: (text) => httpOrigin(text.replace(/^ws/, 'http'), ['http:']),
  },
  token: {
    ...sharedSettings.token,
    help: "token of the api-service and the control room, where they ask for one (the job server's password will do)",
  },
  hostName: sharedSettings.hostName,
  concurrency: {
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    flag: 'concurrency',
    env: ['WORKER_CONCURRENCY'],
    default: 2000,
    value: 'SLOTS',
    help: 'slots of the worker that is started: jobs that it runs at one time',
    expected: 'a whole number from 1 to 1000000',
  },
  cpus: {
    schema: Type.Number({ minimum: 0.1, maximum: 1024 }),
    flag: 'cpus',
    env: ['WORKER_CPUS'],
    default: 4,
    value: 'CORES',
    help: 'CPUs of the worker that is started, at most what this machine has',
    expected: 'a number from 0.1 to 1024',
  },
  engine: {
    schema: Type.Union([Type.Literal('pipelined'), Type.Literal('faktory-worker')]),
    flag: 'engine',
    default: 'pipelined',
    value: 'NAME',
    help: "of the worker that is started: pipelined, or faktory-worker (the npm package's own Worker, the baseline)",
    expected: 'pipelined or faktory-worker',
  },
  via: {
    schema: Type.Union([Type.Literal('batch'), Type.Literal('api'), Type.Literal('direct')]),
    flag: 'via',
    default: 'batch',
    value: 'WAY',
    help: 'batch: POST /jobs/batch, 1,000 a request; api: one POST a job; direct: PUSHB without the API',
    expected: 'batch, api or direct',
  },
  jobtype: {
    schema: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,100}$' }),
    flag: 'jobtype',
    default: null,
    value: 'NAME',
    help: 'add, subtract, multiply, divide, noop, sleep, spin, payload, flaky, or one of your own [default add]',
    expected: '1 to 100 letters, digits, dots, colons, underscores or dashes',
  },
  serviceTimeMs: {
    schema: Type.Number({ minimum: 0, maximum: 600_000 }),
    flag: 'service-time',
    default: null,
    value: '100ms',
    help: 'how long each job takes: jobs sleep that long (with --jobtype spin: burn CPU)',
    expected: 'a duration up to 10m, like 100ms',
    parse: parseDurationMs,
  },
  payloadBytes: {
    schema: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    flag: 'payload-bytes',
    default: 1024,
    value: 'BYTES',
    help: 'for --jobtype payload: size of its argument',
    expected: 'a whole number from 0 to 1000000',
  },
  failShare: {
    schema: Type.Number({ minimum: 0, maximum: 1 }),
    flag: 'fail-share',
    default: 0.01,
    value: 'SHARE',
    help: 'for --jobtype flaky: the share of jobs that fail',
    expected: 'a number from 0 to 1',
  },
  queue: {
    schema: Type.String({ pattern: '^[a-zA-Z0-9._-]{1,200}$' }),
    flag: 'queue',
    default: 'jobstorm',
    value: 'NAME',
    help: 'queue to push to; a worker that is started fetches from it',
    expected: 'up to 200 letters, digits, dots, underscores or dashes',
  },
  ...loadSettings,
  patienceMs: {
    schema: Type.Number({ minimum: 100, maximum: 3_600_000 }),
    flag: 'patience',
    default: 90_000,
    value: '90s',
    help: 'how long without any progress before the run ends and says what is missing; a bare number is ms',
    expected: 'a duration from 100ms to 1h, like 90s',
    parse: parseDurationMs,
  },
  thresholds: {
    schema: Type.String(),
    flag: 'threshold',
    default: null,
    value: 'EXPR',
    help: 'fail with exit code 99 unless it holds: completePerS>70000; in each 10 s: latency.p99<50ms@10s (several: with commas)',
    expected: 'the like of completePerS>70000, latency.p99<50ms or lost==0',
    parse: thresholdList,
  },
  ...judgeSettings,
  ...reportSettings,
});

export type PerfTestValues = SettingsOf<typeof perfTestSettings>;

/** The settings of a run, checked against each other. */
export interface PerfTestConfig {
  /** As it was typed. */
  command: 'perf-test' | 'stress-test' | 'test-batch' | 'chaos-test' | 'soak' | 'tune';
  values: PerfTestValues;
  /** To submit, at most. */
  jobs: number;
  load: LoadChoice;
  shape: JobShape;
  /** null: all jobs are of `shape`. */
  scenario: Scenario | null;
  via: Via;
  /** Jobs in one POST /jobs/batch; null: as many as suit. */
  perRequest: number | null;
  /** null: a local cluster is booted. */
  server: ServerAddress | null;
  /** How the server was chosen, to stand behind its address. */
  because: string;
  /** What is known of its other parts. */
  noted: NotedParts;
  /** WORKER_CPUS, at most the machine's. */
  workerCpus: number;
  thresholds: Threshold[];
  /** What the job server of a local cluster is; not set: server-node, in memory. */
  localServer?: string;
  /** Workers are the run's own whoever else is there, and get this besides. */
  ownWorker?: { args: readonly string[]; env: Readonly<Record<string, string>> };
  /** A control room of the run's own is one to look at; not set: nobody does. */
  shownRoom?: ShownRoom;
  /** Other settings that take turns with these (--against). */
  turns: readonly Turn[];
  /** See `RunPlan`. */
  recorded?: boolean;
  /** Api-services join no jobs while it runs. */
  batchesOff?: boolean;
}

function scenarioMistakes(v: PerfTestValues, scenario: Scenario): string[] {
  const mistakes: string[] = [];
  const own = { jobtype: v.jobtype, 'service-time': v.serviceTimeMs };
  for (const [flag, value] of Object.entries(own)) {
    if (value !== null) mistakes.push(`--scenario says what jobs there are: leave --${flag} out`);
  }
  const { delayMs } = mixLimits(scenario.kinds);
  if (delayMs >= v.patienceMs) {
    mistakes.push(
      `jobs of scenario ${scenario.name} are delayed by up to ${Math.ceil(delayMs / 1000)} s: give --patience more than that`,
    );
  }
  return mistakes;
}

function mistakesTogether(v: PerfTestValues): string[] {
  const mistakes: string[] = [];
  const jobtype = v.jobtype ?? 'sleep';
  if (v.serviceTimeMs !== null && jobtype !== 'sleep' && jobtype !== 'spin') {
    mistakes.push(`--service-time is for jobs of type sleep or spin, got --jobtype ${jobtype}`);
  }
  if (v.api !== null && v.via === 'direct') mistakes.push('--api names an api-service, but --via direct goes past it');
  const turning = [v.overhead && '--overhead', v.batching && '--batching', v.against !== null && '--against'];
  const given = turning.filter((flag) => typeof flag === 'string');
  if (given.length > 1) mistakes.push(`${given.join(' and ')} each say what takes turns: give one of them`);
  if (v.thresholdAbort && v.thresholds === null) mistakes.push('--threshold-abort needs a --threshold to end a run by');
  if (v.batching && v.via === 'direct')
    mistakes.push('--batching is of what the api-service joins, but --via direct goes past it');
  if (v.batching && v.phase === 'process')
    mistakes.push('--batching is of how jobs come in: leave --phase process out');
  if (v.overhead && v.phase === 'enqueue')
    mistakes.push('--overhead is of what workers record: leave --phase enqueue out');
  return mistakes;
}

/** @throws SettingsError with every mistake found */
export function readPerfTest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): PerfTestConfig {
  return configOf('perf-test', readSettings(perfTestSettings, argv, env));
}

/** What named the job server: the flag, or the variable, also in `.env`, that comes before the others. */
export function urlSource(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): string {
  const { flag, env: names } = sharedSettings.url;
  if (argv.some((argument) => argument === `--${flag}` || argument.startsWith(`--${flag}=`))) return `--${flag}`;
  for (let layer: object | null = env; layer; layer = Object.getPrototypeOf(layer)) {
    const own = new Map(Object.entries(layer));
    const name = names.find((variable) => String(own.get(variable) ?? '').trim() !== '');
    if (name) return layer === env ? name : `${name} in .env`;
  }
  return `--${flag}`;
}

/** @throws SettingsError with what doesn't go together */
export function configOf(
  command: PerfTestConfig['command'],
  values: PerfTestValues,
  scenario: Scenario | null = null,
): PerfTestConfig {
  const mistakes = mistakesTogether(values);
  if (scenario) mistakes.push(...scenarioMistakes(values, scenario));
  const load = chooseLoad(values, values.jobs, mistakes);
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  const { serviceTimeMs } = values;
  const jobtype = scenario?.name ?? values.jobtype ?? (serviceTimeMs === null ? 'add' : 'sleep');
  const payloadBytes = scenario ? mixLimits(scenario.kinds).bytes : jobtype === 'payload' ? values.payloadBytes : 0;
  const server = values.url === null ? null : jobServerAddress(values.url, values.password);
  return {
    command,
    values,
    jobs: load.jobs,
    load,
    shape: {
      jobtype,
      serviceMs: serviceTimeMs ?? 10,
      payloadBytes,
      failShare: values.failShare,
    },
    scenario,
    via: values.via,
    perRequest: null,
    server,
    because: '',
    noted: noneNoted,
    workerCpus: Math.min(values.cpus, availableParallelism()),
    thresholds: (values.thresholds?.split(',') ?? []).map(parseThreshold),
    turns: [],
  };
}

export const perfTestHelp: CommandHelp = {
  usage: 'jobstorm perf-test [JOBS] [settings]',
  about:
    'Submits jobs, follows every one to its acknowledged end, and says how many a second the cluster takes, how long they\n' +
    'take, what limited it, and what to try next. Without a server it takes the cluster that this checkout started last\n' +
    '(just server, just worker), or boots a local one for the run (server-node in memory, api-service, one worker) and ends\n' +
    'it afterwards. Jobs go to the queue `jobstorm`, so jobs of yours stay untouched.\n' +
    '\n' +
    'exit codes: 0 good, 99 a threshold failed, 104 bad settings, 105 interrupted, 111 the measurement is not valid,\n' +
    '112 jobs were lost or duplicated, 1 anything else',
  examples: [
    ['just perf-test 10000', 'a quick look on this machine, nothing to install'],
    ['just perf-test 400000 --json out.json', 'long enough to be steady; the result as JSON'],
    ['FAKTORY_SERVER_IP=192.168.1.100 just perf-test 100000', 'a Faktory that runs already'],
    ['just perf-test --rate 5000 --duration 30s', 'an open run: latency at 5,000 jobs/s'],
    ['just perf-test --ramp 1000:20000/60s', 'a rate that rises until something gives way'],
    ['just perf-test 200000 --drain', 'how fast a backlog is taken off'],
    ['just perf-test 60000 --service-time 100ms --concurrency 6000', '6,000 slots asleep in 100 ms jobs'],
    ['just perf-test 400000 --repeats 5 --against concurrency=4000', 'two settings in turns: is one of them better?'],
    ['just perf-test 60000 --via api --batching', 'what batches cost a job, and how many more jobs a second they buy'],
    ['just perf-test 400000 --overhead', 'what recording all of it costs, beside what two equal runs differ by'],
    ["just perf-test 400000 --threshold 'completePerS>50000'", 'for CI: exit code 99 when it is slower'],
  ],
};

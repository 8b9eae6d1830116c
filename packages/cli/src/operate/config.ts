// What the commands that run a cluster can be told: the only place of theirs that knows flags and environment variables.

import { type CommandHelp, defineSettings, type SettingsOf, sharedSettings } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';

const port = (env: string, fallback: number, help: string) =>
  ({
    schema: Type.Integer({ minimum: 1, maximum: 65_535 }),
    env: [env],
    default: fallback,
    help,
    expected: 'a port from 1 to 65535',
  }) as const;

const engine = {
  schema: Type.Union([Type.Literal('docker'), Type.Literal('native')]),
  env: ['JOBSTORM_ENGINE'],
  default: null,
  help: 'docker or native (plain processes); unset: docker where an engine with compose answers',
  expected: 'docker or native',
} as const;

/** Of commands that only need to know the engine. */
export const engineSettings = defineSettings({ engine });

export const upServerSettings = defineSettings({
  embedded: {
    schema: Type.Boolean(),
    flag: 'embedded',
    default: false,
    help: "server-node, jobstorm's own Faktory-compatible server, in Faktory's place",
    expected: 'true or false',
  },
  password: { ...sharedSettings.password, help: "the job server's password; unset: made once and kept in .env" },
  token: {
    ...sharedSettings.token,
    help: 'token of the api-service and the control room; unset: made once and kept in .env',
  },
  open: { ...sharedSettings.open, help: 'true: no password and no token, for a closed lab' },
  faktoryPort: port('FAKTORY_PORT', 7419, 'port of the job server on this host'),
  webPort: port('FAKTORY_WEB_PORT', 7420, "port of the job server's own page"),
  apiPort: port('API_PORT', 3000, 'port of the api-service'),
  dashboardPort: port('DASHBOARD_PORT', 7460, 'port of the control room'),
  engine,
});

export type UpServerSettings = SettingsOf<typeof upServerSettings>;

export const upWorkerSettings = defineSettings({
  concurrency: {
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    positional: 0,
    env: ['WORKER_CONCURRENCY'],
    default: null,
    help: 'slots: jobs that run at the same time [default 2000, or what docker-compose.worker.yml says]',
    expected: 'a whole number of slots from 1 to 1000000',
  },
  cpus: {
    schema: Type.Number({ minimum: 0.1, maximum: 1024 }),
    positional: 1,
    env: ['WORKER_CPUS'],
    default: null,
    help: 'cores that the worker may use, at most what the host has [default 4, or what docker-compose.worker.yml says]',
    expected: 'a number of cores from 0.1 to 1024',
  },
  url: { ...sharedSettings.url, help: 'the job server; unset: the one that this checkout started' },
  password: sharedSettings.password,
  token: {
    ...sharedSettings.token,
    help: "the control room's token; without one a key made from the password is sent",
  },
  control: {
    schema: Type.String({ pattern: '^(ws|http)s?://.+' }),
    env: ['JOBSTORM_CONTROL'],
    default: null,
    help: "control room to report to [default: port 7460 of the job server's host]",
    expected: 'ws://host:port',
  },
  rolling: {
    schema: Type.Boolean(),
    flag: 'rolling',
    default: false,
    help: 'start the new worker first; the old one leaves when its jobs are done, however long they take',
    expected: 'true or false',
  },
  engine,
});

export type UpWorkerSettings = SettingsOf<typeof upWorkerSettings>;

export const downSettings = defineSettings({
  side: {
    schema: Type.Union([Type.Literal('server'), Type.Literal('worker')]),
    positional: 0,
    default: null,
    help: 'server or worker: only that',
    expected: 'server or worker, or nothing for both',
  },
  engine,
});

export const logsSettings = defineSettings({
  part: {
    schema: Type.String({ pattern: '^[a-z][a-z-]*$' }),
    positional: 0,
    default: null,
    help: 'server (its whole side), worker, faktory, api, dashboard or docker-stats; unset: all',
    expected: 'server, worker, faktory, api, dashboard or docker-stats',
  },
  follow: {
    schema: Type.Boolean(),
    flag: 'follow',
    default: false,
    help: 'go on with what comes, until ctrl-C',
    expected: 'true or false',
  },
  engine,
});

export const cleanSettings = defineSettings({
  yes: {
    schema: Type.Boolean(),
    flag: 'yes',
    default: false,
    help: 'delete without asking',
    expected: 'true or false',
  },
  engine,
});

export const linkSettings = defineSettings({
  password: sharedSettings.password,
  token: { ...sharedSettings.token, help: "the control room's token" },
  control: {
    ...upWorkerSettings.control,
    help: 'control room [default: that of the cluster this checkout started or joined]',
  },
});

export const upServerHelp: CommandHelp = {
  usage: 'jobstorm up server [--embedded]',
  about: `Starts the server side on this host and comes back once it is healthy: Faktory (or server-node), api-service, control room,
docker-stats. A password and a token are made once and kept in .env. A server that runs stays as it is, or is renewed
where its settings or its image changed; jobs are kept on a volume.`,
  examples: [
    ['just server', 'Faktory and the rest in containers; prints the line for worker machines'],
    ['just server --embedded', "the same with jobstorm's own server, which keeps up with more jobs"],
    ['FAKTORY_PORT=8419 just server', 'where port 7419 is in use'],
  ],
};

export const upWorkerHelp: CommandHelp = {
  usage: 'jobstorm up worker [CONCURRENCY] [CPUS] [--rolling]',
  about: `Starts the worker of this checkout on this host, in place of one that runs (whose jobs finish first), and comes back once it
fetches jobs. The job server is FAKTORY_SERVER_IP or FAKTORY_URL, else the one that this checkout started.`,
  examples: [
    ['FAKTORY_SERVER_IP=192.168.1.100 just worker 6000 8.0', '6,000 slots on up to 8 cores, jobs from that Faktory'],
    ['just worker 4000', 'on the machine of `just server`'],
    ['just worker-rolling 4000', 'the same without a pause: the old worker leaves once the new one fetches jobs'],
  ],
};

export const downHelp: CommandHelp = {
  usage: 'jobstorm down [worker|server]',
  about:
    "Ends this checkout's parts on this host, the worker first: its jobs finish. Volumes stay; `jobstorm clean` deletes them.",
  examples: [
    ['just down', 'both'],
    ['just down worker', 'only the worker'],
  ],
};

export const statusHelp: CommandHelp = {
  usage: 'jobstorm status',
  about: "Shows this checkout's parts on this host.",
  examples: [['just status', 'which parts run, since when, and where they are reached']],
};

export const logsHelp: CommandHelp = {
  usage: 'jobstorm logs [PART] [--follow]',
  about: "Prints the logs of this checkout's parts on this host.",
  examples: [
    ['just worker-logs --follow', 'what the worker says, as it says it'],
    ['just logs faktory', "Faktory's log"],
  ],
};

export const cleanHelp: CommandHelp = {
  usage: 'jobstorm clean [--yes]',
  about: "Ends this checkout's parts and deletes their volumes (the job server's jobs), images and logs. Asks first.",
  examples: [['just clean --yes', 'without asking']],
};

export const linkHelp: CommandHelp = {
  usage: 'jobstorm link',
  about: "Prints the control room's link; the token in it lets a browser in.",
  examples: [['just dashboard', 'the link to open']],
};

// The settings of `jobstorm server`: the only place that knows its flags and environment variables.

import {
  type CommandHelp,
  checkExposure,
  defineSettings,
  type ListenAddress,
  listenAddress,
  parseListen,
  SettingsError,
  type SettingsOf,
  sharedSettings,
} from '@jobstorm/program';
import { defaultPort } from '@jobstorm/protocol';
import { Type } from '@sinclair/typebox';
import { type Fsync, fsyncModes } from './journal/fsync.ts';

const defaultWebPort = 7420;
/** Faktory's own limit. */
const maxConnections = 2000;

export const settings = defineSettings({
  listen: {
    ...sharedSettings.listen,
    default: `127.0.0.1:${defaultPort}`,
    help: 'Where to take clients (port 0: any free one); beyond loopback only with a password',
  },
  web: {
    schema: Type.String(),
    flag: 'web',
    default: null,
    value: 'HOST:PORT|off',
    help: `Where to serve pages, /stats, /metrics and /health; when not set, 127.0.0.1:${defaultWebPort} beside port ${defaultPort}, else off`,
    expected: 'HOST:PORT or off',
    parse: (text) => (text.trim() === 'off' ? 'off' : listenAddress(parseListen(text))),
  },
  memory: {
    schema: Type.Boolean(),
    flag: 'memory',
    default: null,
    help: 'Keep jobs in memory only, as without --data: they are gone when the server ends',
    expected: 'true; or --data with a folder to keep them in',
    parse: (text) => (text === 'true' ? true : undefined),
  },
  data: {
    schema: Type.String({ minLength: 1 }),
    flag: 'data',
    default: null,
    value: 'DIR',
    help: 'Keep jobs in a journal in this folder, which is made when it is missing',
    expected: 'a folder',
  },
  fsync: {
    schema: Type.Union(fsyncModes.map((mode) => Type.Literal(mode))),
    flag: 'fsync',
    default: null,
    value: 'always|interval|never',
    help: 'With --data, answer once the disk has it (always, the default) or once the system has it, which syncs it every 100 ms (interval) or when it likes (never)',
    expected: 'always, interval or never',
  },
  password: {
    ...sharedSettings.password,
    schema: Type.String({ minLength: 1 }),
    help: 'Asked of every client and of the web side',
  },
  open: sharedSettings.open,
  tlsCert: {
    schema: Type.String({ minLength: 1 }),
    flag: 'tls-cert',
    env: ['JOBSTORM_TLS_CERT'],
    default: null,
    value: 'FILE',
    help: 'Serve by TLS with this certificate (PEM); clients say tcp+tls://',
    expected: 'the path of a PEM file',
  },
  tlsKey: {
    schema: Type.String({ minLength: 1 }),
    flag: 'tls-key',
    env: ['JOBSTORM_TLS_KEY'],
    default: null,
    value: 'FILE',
    help: "The certificate's key (PEM)",
    expected: 'the path of a PEM file',
  },
  maxConnections: {
    schema: Type.Integer({ minimum: 1 }),
    flag: 'max-connections',
    default: maxConnections,
    value: 'N',
    help: 'Clients beyond this many are told "too many connections" and closed, as Faktory does it',
    expected: 'a whole number from 1',
  },
});

export type Settings = SettingsOf<typeof settings>;

export const help: CommandHelp = {
  usage:
    'jobstorm server [--listen HOST:PORT] [--web HOST:PORT|off] [--data DIR [--fsync always|interval|never] | --memory] [--tls-cert FILE --tls-key FILE]',
  about:
    'Runs a Faktory-compatible job server that needs nothing installed. Any Faktory client works with it.\n' +
    'Without --data it keeps jobs in memory: for laptops, tests and load runs. With it, an OK is a promise: what was answered\n' +
    'survives kill -9 and, with --fsync always, a power cut.',
  examples: [
    ['node bin/jobstorm server --data jobs', 'keep jobs in the folder jobs'],
    ['node bin/jobstorm server', 'serve this machine at 127.0.0.1:7419, with http://127.0.0.1:7420/stats'],
    ['FAKTORY_PASSWORD=secret node bin/jobstorm server --listen 0.0.0.0:7419', 'serve other machines too'],
  ],
};

/** Where jobs are kept; null: in memory. @throws SettingsError when the flags contradict each other */
export function dataFolder({
  memory,
  data,
  fsync,
}: Pick<Settings, 'memory' | 'data' | 'fsync'>): { folder: string; fsync: Fsync } | null {
  if (data !== null && memory) {
    throw new SettingsError([`got --memory and --data ${data}: expected one of them`]);
  }
  if (data === null && fsync !== null) {
    throw new SettingsError([`--fsync ${fsync} needs --data DIR: without it nothing is kept`]);
  }
  return data === null ? null : { folder: data, fsync: fsync ?? 'always' };
}

/** Where the web side goes; null: it is off. */
export function webAddress({ listen, web }: Pick<Settings, 'listen' | 'web'>): ListenAddress | null {
  if (web === 'off') return null;
  if (web !== null) return parseListen(web);
  return parseListen(listen).port === defaultPort ? { host: '127.0.0.1', port: defaultWebPort } : null;
}

/** The warning to print when JOBSTORM_OPEN lets everybody in; null: none is due. @throws SettingsError when anybody on the network could take jobs */
export function requirePasswordBeyondLoopback({
  listen,
  web,
  password,
  open,
}: Pick<Settings, 'listen' | 'web' | 'password' | 'open'>): string | null {
  return checkExposure({
    addresses: { listen, web: web === 'off' ? null : web },
    secret: { name: 'FAKTORY_PASSWORD', isSet: password !== null },
    open,
  });
}

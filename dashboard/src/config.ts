// The settings of `jobstorm dashboard`: the only place that knows its flags and environment variables.

import { type CommandHelp, defineSettings, listenAddress, parseListen, type SettingsOf } from '@jobstorm/program';
import { formatServerUrl, parseServerUrl } from '@jobstorm/protocol';
import { Type } from '@sinclair/typebox';

export const settings = defineSettings({
  listen: {
    schema: Type.String(),
    flag: 'listen',
    default: '127.0.0.1:7460',
    value: 'HOST:PORT',
    help: 'where parts, watchers and browsers connect; beyond loopback only with a token',
    expected: 'HOST:PORT',
    parse: (text) => listenAddress(parseListen(text)),
  },
  url: {
    schema: Type.String(),
    flag: 'url',
    env: ['FAKTORY_URL', 'FAKTORY_SERVER_IP'],
    default: null,
    value: 'URL',
    help: 'job server whose queue depth is shown too; none: what the parts report is all there is',
    expected: 'tcp://[:password@]host[:port]',
    parse: (text) => formatServerUrl(parseServerUrl(text)),
    secret: true,
  },
  password: {
    schema: Type.String(),
    env: ['FAKTORY_PASSWORD'],
    default: null,
    help: "the job server's password, when its URL has none",
    expected: 'a password',
    secret: true,
  },
  token: {
    schema: Type.String({ minLength: 1 }),
    env: ['JOBSTORM_TOKEN'],
    default: null,
    help: 'asked of everybody as "authorization: Bearer TOKEN"',
    expected: 'a token',
    secret: true,
  },
});

export type Settings = SettingsOf<typeof settings>;

export const help: CommandHelp = {
  usage: 'jobstorm dashboard [--listen HOST:PORT] [--url tcp://:PASSWORD@HOST:PORT]',
  about:
    'The control room: workers and api-services report to it, and it merges what they say into runs.\n' +
    'Routes: GET / (the latest numbers), GET /health, GET /stats, GET /runs/:run, POST /poll; websockets: /parts, /watch.',
  examples: [
    ['jobstorm dashboard', 'then: jobstorm worker --control ws://127.0.0.1:7460'],
    ['JOBSTORM_TOKEN=secret jobstorm dashboard --listen 0.0.0.0:7460', 'workers on other hosts report with that token'],
  ],
};

/** The job server's URL with the password that goes with it; null: none was named. */
export function serverUrl({ url, password }: Pick<Settings, 'url' | 'password'>): string | null {
  if (url === null) return null;
  const address = parseServerUrl(url);
  return formatServerUrl({ ...address, password: address.password ?? password });
}

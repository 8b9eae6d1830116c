// The settings of `jobstorm dashboard`: the only place that knows its flags and environment variables.

import { type CommandHelp, defineSettings, jobServerAddress, type SettingsOf, sharedSettings } from '@jobstorm/program';
import { formatServerUrl } from '@jobstorm/protocol';
import { Type } from '@sinclair/typebox';

export const settings = defineSettings({
  listen: {
    ...sharedSettings.listen,
    default: '127.0.0.1:7460',
    help: 'where parts, watchers and browsers connect; beyond loopback only with a token',
  },
  url: {
    ...sharedSettings.url,
    help: 'job server whose queue depth is shown too; none: what the parts report is all there is',
  },
  password: sharedSettings.password,
  token: {
    ...sharedSettings.token,
    help: 'asked of everybody as "authorization: Bearer TOKEN" (or the key of the job server\'s password), of browsers as /#token=TOKEN',
  },
  runs: {
    schema: Type.String({ minLength: 1 }),
    flag: 'runs',
    env: ['JOBSTORM_RUNS'],
    default: '.jobstorm/runs',
    value: 'DIR',
    help: 'folder for the records of runs, 256 MB of them at most; "none": the last ten are kept in memory',
    expected: 'a folder, or none',
  },
  api: {
    schema: Type.String({ minLength: 1 }),
    flag: 'api',
    env: ['JOBSTORM_API'],
    default: null,
    value: 'http://HOST:3000',
    help: 'api-service of the cluster, for runs that are started from the page; else they look for one',
    expected: 'an address like http://host:3000',
  },
  open: sharedSettings.open,
});

export type Settings = SettingsOf<typeof settings>;

export const help: CommandHelp = {
  usage: 'jobstorm dashboard [--listen HOST:PORT] [--url tcp://:PASSWORD@HOST:PORT]',
  about:
    'The control room: workers and api-services report to it, and it merges what they say into runs.\n' +
    'Routes: GET / (the page), GET /health, GET /stats, GET /runs/:run, GET and DELETE /history, POST /start, /stop, /poll, /session;\n' +
    'websockets: /parts, /watch, /feed, /live. With a token, open the page as http://HOST:7460/#token=TOKEN once: the browser gets a cookie for it.',
  examples: [
    ['node bin/jobstorm dashboard', 'then: node bin/jobstorm worker --control ws://127.0.0.1:7460'],
    [
      'JOBSTORM_TOKEN=secret node bin/jobstorm dashboard --listen 0.0.0.0:7460',
      'workers on other hosts report with that token',
    ],
  ],
};

/** The job server's URL with the password that goes with it; null: none was named. */
export function serverUrl({ url, password }: Pick<Settings, 'url' | 'password'>): string | null {
  if (url === null) return null;
  return formatServerUrl(jobServerAddress(url, password));
}

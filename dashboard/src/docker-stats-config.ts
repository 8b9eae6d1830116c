// The settings of docker-stats: the only place that knows its flags and environment variables.

import { type CommandHelp, defineSettings, type SettingsOf, sharedSettings } from '@jobstorm/program';
import { partsUrl } from '@jobstorm/telemetry';
import { Type } from '@sinclair/typebox';
import { engineAddress } from './docker-engine.ts';

export const settings = defineSettings({
  control: {
    schema: Type.String(),
    flag: 'control',
    env: ['JOBSTORM_CONTROL'],
    default: 'ws://127.0.0.1:7460',
    value: 'ws://HOST:PORT',
    help: 'the control room to report to',
    expected: 'ws://HOST:PORT',
    parse: (text) => partsUrl(text) && text,
  },
  engine: {
    schema: Type.String(),
    flag: 'engine',
    env: ['DOCKER_HOST'],
    default: 'unix:///var/run/docker.sock',
    value: 'unix:///PATH',
    help: 'the Docker engine to ask',
    expected: 'unix:///PATH or tcp://HOST:PORT',
    parse: (text) => engineAddress(text) && text,
  },
  alive: {
    schema: Type.String({ minLength: 1 }),
    flag: 'alive',
    default: null,
    value: 'FILE',
    help: 'touched while it works, for a health check: it listens on nothing that could be asked',
    expected: 'the path of a file',
  },
  password: {
    ...sharedSettings.password,
    help: "the job server's password, whose key is shown when there is no token",
  },
  token: { ...sharedSettings.token, help: "the control room's token" },
  hostName: sharedSettings.hostName,
});

export type Settings = SettingsOf<typeof settings>;

export const help: CommandHelp = {
  usage: 'node dist/docker-stats.js [--control ws://HOST:PORT] [--engine unix:///PATH]',
  about:
    'Tells the control room what the containers of this host use: those that carry the label io.jobstorm.part.\n' +
    'It only asks the engine, changes nothing, listens on nothing, and never passes on what is in an environment.',
  examples: [
    ['JOBSTORM_TOKEN=… node dist/docker-stats.js --control ws://192.0.2.7:7460', 'report to that control room'],
  ],
};

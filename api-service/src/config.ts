// The settings of `jobstorm api`: the only place that knows its flags and environment variables.

import { type CommandHelp, checkExposure, defineSettings, type SettingsOf, sharedSettings } from '@jobstorm/program';
import { type ApiSettings, partsUrl } from '@jobstorm/telemetry';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { BatchSettings } from './batcher.ts';
import { queuePattern } from './schemas.ts';

export const settings = defineSettings({
  listen: {
    ...sharedSettings.listen,
    env: ['BIND_ADDR'],
    default: '127.0.0.1:3000',
    help: 'Where to take requests; beyond loopback only with a token',
  },
  url: {
    ...sharedSettings.url,
    default: 'tcp://127.0.0.1:7419',
    help: 'The job server; a bare host means port 7419',
  },
  password: sharedSettings.password,
  batchMaxSize: {
    schema: Type.Integer({ minimum: 1, maximum: 10_000 }),
    env: ['BATCH_MAX_SIZE'],
    default: 100,
    help: 'Jobs in one PUSHB',
    expected: 'a whole number from 1 to 10000',
  },
  batchMaxDelayMs: {
    schema: Type.Number({ minimum: 0, maximum: 60_000 }),
    env: ['BATCH_MAX_DELAY_MS'],
    default: 100,
    help: 'The longest that a job waits for others, in ms',
    expected: 'milliseconds from 0 to 60000',
  },
  batchAuto: {
    schema: Type.Boolean(),
    env: ['BATCH_AUTO_ENABLED'],
    default: true,
    help: 'Join single jobs into batches; false: each is pushed as it comes',
    expected: 'true or false',
  },
  batchAdaptive: {
    schema: Type.Boolean(),
    env: ['BATCH_ADAPTIVE'],
    default: true,
    help: 'Send a batch at once when no other is under way; false: wait until it is full or the delay is over',
    expected: 'true or false',
  },
  queue: {
    schema: Type.String({ pattern: queuePattern }),
    flag: 'queue',
    default: 'jobstorm',
    value: 'NAME',
    help: 'Where jobs go that name no queue',
    expected: '1 to 200 of a-z A-Z 0-9 . _ -',
  },
  control: {
    schema: Type.String(),
    flag: 'control',
    env: ['JOBSTORM_CONTROL'],
    default: null,
    value: 'ws://HOST:PORT',
    help: 'The control room to report to',
    expected: 'ws://HOST:PORT',
    parse: (text) => (partsUrl(text) ? text : undefined),
  },
  token: {
    ...sharedSettings.token,
    help: 'Asked of callers as "authorization: Bearer TOKEN", and shown to the control room',
  },
  open: sharedSettings.open,
  hostName: sharedSettings.hostName,
});

export type Settings = SettingsOf<typeof settings>;

export const help: CommandHelp = {
  usage: 'jobstorm api [--listen HOST:PORT] [--url tcp://:PASSWORD@HOST:PORT]',
  about:
    'Takes jobs over HTTP and hands them to a Faktory-style job server in batches.\n' +
    'Routes: POST /jobs/:type, POST /jobs/batch, GET /health, GET /stats. A 2xx means that the job server holds the job.\n' +
    'Limits: a batch request has at most 100,000 jobs and 32 MiB, a single job 1 MiB.',
  examples: [
    ['FAKTORY_SERVER_IP=192.0.2.7 node bin/jobstorm api', 'hand jobs to the Faktory on that host'],
    ['BATCH_MAX_SIZE=500 BATCH_MAX_DELAY_MS=200 node bin/jobstorm api', 'larger batches for high throughput'],
    [
      `curl -H 'content-type: application/json' -d '{"a":1,"b":2}' http://127.0.0.1:3000/jobs/add`,
      'enqueue one job of type add',
    ],
  ],
};

/** The warning to print when JOBSTORM_OPEN lets everybody in; null: none is due. @throws SettingsError when anybody on the network could submit jobs */
export function requireTokenBeyondLoopback({
  listen,
  token,
  open,
}: Pick<Settings, 'listen' | 'token' | 'open'>): string | null {
  return checkExposure({ addresses: { listen }, secret: { name: 'JOBSTORM_TOKEN', isSet: token !== null }, open });
}

/** The batch settings that `wanted` changes. @throws RangeError with a sentence when one can't be taken; then none is */
export function checkBatchChange(wanted: ApiSettings): Partial<BatchSettings> {
  const change: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(batchFields)) {
    const value = wanted[name as keyof ApiSettings];
    if (value === undefined) continue;
    const { schema, expected } = settings[name as keyof ApiSettings];
    if (!Value.Check(schema, value))
      throw new RangeError(`${name}: got ${JSON.stringify(value)}, expected ${expected}`);
    change[field] = value;
  }
  return change;
}

/** As the control room knows them. */
export function batchSettings(batch: BatchSettings): ApiSettings {
  return Object.fromEntries(Object.entries(batchFields).map(([name, field]) => [name, batch[field]]));
}

const batchFields = {
  batchMaxSize: 'maxSize',
  batchMaxDelayMs: 'maxDelayMs',
  batchAuto: 'auto',
  batchAdaptive: 'adaptive',
} satisfies Record<keyof ApiSettings, keyof BatchSettings>;

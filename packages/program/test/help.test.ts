import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { asksForHelp, defineSettings, describeSettings, helpText } from '../src/index.ts';

const table = defineSettings({
  concurrency: {
    schema: Type.Integer(),
    positional: 0,
    env: ['WORKER_CONCURRENCY'],
    default: 2000,
    help: 'slots',
    expected: 'a number',
  },
  url: {
    schema: Type.String(),
    flag: 'url',
    env: ['FAKTORY_URL', 'FAKTORY_SERVER_IP'],
    default: null,
    value: 'URL',
    help: 'job server',
    expected: 'an address',
  },
  token: {
    schema: Type.String(),
    env: ['JOBSTORM_TOKEN'],
    default: 'built-in-secret',
    help: 'token',
    expected: 'a text',
    secret: true,
  },
  memory: { schema: Type.Boolean(), flag: 'memory', default: false, help: 'keep nothing', expected: 'a boolean' },
  queues: {
    schema: Type.Array(Type.String()),
    flag: 'queues',
    default: ['a', 'b'],
    help: 'queues',
    expected: 'names',
  },
  listen: {
    schema: Type.Object({ host: Type.String(), port: Type.Integer() }),
    flag: 'listen',
    default: { host: '::1', port: 7419 },
    value: 'HOST:PORT',
    help: 'where',
    expected: 'an address',
  },
});

test('the page has usage, every setting with default and variables, and the examples', () => {
  const help = {
    usage: 'jobstorm part [CONCURRENCY]',
    about: 'Does its part.',
    examples: [['jobstorm part 5', 'five slots']] as const,
  };
  assert.equal(
    helpText(help, table),
    `usage: jobstorm part [CONCURRENCY]

Does its part.

settings (flags > environment > .env > defaults):
  CONCURRENCY         slots [default 2000; WORKER_CONCURRENCY]
  --url URL           job server [FAKTORY_URL, FAKTORY_SERVER_IP]
  JOBSTORM_TOKEN      token [default ***]
  --memory            keep nothing
  --queues VALUE      queues [default a,b]
  --listen HOST:PORT  where [default [::1]:7419]
  -h, --help          this page

examples:
  jobstorm part 5
      five slots
`,
  );
});

test('the settings in force leave out what is not set and show no secret', () => {
  const values = {
    concurrency: 6000,
    url: 'tcp://:hunter2@host:7419',
    token: 'hunter2',
    memory: false,
    queues: ['x', 'y'],
    listen: { host: '127.0.0.1', port: 1, password: 'hunter2' },
  };
  assert.equal(
    describeSettings(table, values),
    'concurrency=6000 url=tcp://***@host:7419 token=*** memory=false queues=x,y listen=127.0.0.1:1',
  );
  assert.equal(describeSettings(table, { concurrency: null, url: '', memory: true }), 'memory=true');
});

test('-h and --help anywhere ask for help', () => {
  assert.equal(asksForHelp(['5', '-h']), true);
  assert.equal(asksForHelp(['--help']), true);
  assert.equal(asksForHelp(['--helper', 'h']), false);
});

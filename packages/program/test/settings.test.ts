import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import {
  defineSettings,
  loadDotEnv,
  parseDurationMs,
  parseList,
  parseListen,
  readSettings,
  SettingsError,
} from '../src/index.ts';

const table = defineSettings({
  concurrency: {
    schema: Type.Integer({ minimum: 1, maximum: 10_000 }),
    flag: 'concurrency',
    positional: 0,
    env: ['WORKER_CONCURRENCY', 'SLOTS'],
    default: 2000,
    help: 'slots',
    expected: 'a whole number from 1 to 10000',
  },
  cpus: {
    schema: Type.Number({ exclusiveMinimum: 0 }),
    positional: 1,
    flag: 'cpus',
    default: 4,
    help: 'CPUs',
    expected: 'a number above 0',
  },
  rate: { schema: Type.Number(), flag: 'rate', env: ['RATE'], default: null, help: 'rate', expected: 'a number' },
  memory: {
    schema: Type.Boolean(),
    flag: 'memory',
    env: ['MEMORY'],
    default: false,
    help: 'memory',
    expected: 'true or false',
  },
  url: {
    schema: Type.String({ pattern: '^tcp://' }),
    flag: 'url',
    env: ['FAKTORY_URL', 'FAKTORY_SERVER_IP'],
    default: null,
    help: 'server',
    expected: 'tcp://host:port',
  },
  password: {
    schema: Type.String({ minLength: 4 }),
    flag: 'password',
    env: ['FAKTORY_PASSWORD'],
    default: null,
    help: 'password',
    expected: 'at least 4 characters',
    secret: true,
  },
  queues: {
    schema: Type.Array(Type.String(), { minItems: 1 }),
    flag: 'queues',
    default: ['jobstorm'],
    help: 'queues',
    expected: 'names',
    parse: parseList,
  },
  listen: {
    schema: Type.Object({ host: Type.String(), port: Type.Integer() }),
    flag: 'listen',
    default: { host: '127.0.0.1', port: 7419 },
    help: 'where',
    expected: 'HOST:PORT',
    parse: parseListen,
  },
  wait: {
    schema: Type.Union([Type.Literal('auto'), Type.Integer()]),
    flag: 'wait',
    default: 'auto',
    help: 'wait',
    expected: 'auto or a whole number',
  },
  pauseMs: {
    schema: Type.Number(),
    flag: 'pause',
    default: 0,
    help: 'pause',
    expected: 'a duration',
    parse: parseDurationMs,
  },
});

function mistakesOf(argv: string[], env: Record<string, string> = {}): readonly string[] {
  try {
    readSettings(table, argv, env);
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    assert.equal(error.code, 'ESETTINGS');
    assert.equal(error.message, error.mistakes.join('\n'));
    return error.mistakes;
  }
  assert.fail('no mistake was found');
}

const concurrencyOf = (argv: string[], env: Record<string, string | undefined> = {}) =>
  readSettings(table, argv, env).concurrency;

test('flags stand above the environment, that above .env, that above defaults', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-settings-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, '.env'), 'WORKER_CONCURRENCY=30\n# a comment\nRATE="1.5"\n');
  const env = (own: Record<string, string>) => loadDotEnv(own, dir);
  assert.equal(concurrencyOf([]), 2000);
  assert.equal(concurrencyOf([], env({})), 30);
  assert.equal(readSettings(table, [], env({})).rate, 1.5);
  assert.equal(concurrencyOf([], env({ WORKER_CONCURRENCY: '20' })), 20);
  assert.equal(concurrencyOf(['--concurrency', '10'], env({ WORKER_CONCURRENCY: '20' })), 10);
  assert.equal(concurrencyOf(['10'], env({ WORKER_CONCURRENCY: '20' })), 10);
});

test("a variable of the environment beats another name's in .env", (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-settings-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, '.env'), 'WORKER_CONCURRENCY=30\n');
  assert.equal(concurrencyOf([], loadDotEnv({ SLOTS: '40' }, dir)), 40);
  assert.equal(concurrencyOf([], { WORKER_CONCURRENCY: '1', SLOTS: '40' }), 1);
});

test('an empty or blank variable counts as not set', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-settings-'));
  t.after(() => rmSync(dir, { recursive: true }));
  assert.equal(concurrencyOf([], { WORKER_CONCURRENCY: '' }), 2000);
  assert.equal(concurrencyOf([], { WORKER_CONCURRENCY: ' ', SLOTS: '7' }), 7);
  assert.equal(concurrencyOf([], { WORKER_CONCURRENCY: undefined }), 2000);
  writeFileSync(join(dir, '.env'), 'WORKER_CONCURRENCY=30\n');
  assert.equal(concurrencyOf([], loadDotEnv({ WORKER_CONCURRENCY: '' }, dir)), 30);
});

test('.env may be missing or a folder, and what it says is read by name', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-settings-'));
  t.after(() => rmSync(dir, { recursive: true }));
  assert.equal(loadDotEnv({ A: '1' }, dir).A, '1');
  assert.equal(loadDotEnv({ A: '1' }, join(dir, 'none')).A, '1');
  mkdirSync(join(dir, '.env'));
  assert.equal(loadDotEnv({}, dir).A, undefined);
  rmSync(join(dir, '.env'), { recursive: true });
  writeFileSync(join(dir, '.env'), 'A=2\nB=3\n');
  const env = loadDotEnv({ A: '1' }, dir);
  assert.equal(env.A, '1');
  assert.equal(env.B, '3');
});

test('all mistakes are reported together, each naming its source and what was expected', () => {
  const mistakes = mistakesOf(['--concurrency', '0', 'x', '5', 'more', '--nosuch'], {
    RATE: 'fast',
    MEMORY: 'maybe',
  });
  assert.deepEqual(mistakes, [
    'unexpected argument "more"; -h lists what this command takes',
    'unknown flag --nosuch; -h lists the flags',
    'CONCURRENCY: got "x", expected a whole number from 1 to 10000',
    'RATE: got "fast", expected a number',
    'MEMORY: got "maybe", expected true or false',
  ]);
});

test('an unknown flag is met with the nearest known one', () => {
  assert.deepEqual(mistakesOf(['--concurency', '5']), [
    'unknown flag --concurency, did you mean --concurrency?; -h lists the flags',
  ]);
  assert.deepEqual(mistakesOf(['--zzzzzzzz=5']), ['unknown flag --zzzzzzzz; -h lists the flags']);
  assert.match(mistakesOf(['-x'])[0]!, /^unknown flag -x/);
});

test('positional arguments fill their settings in order, before, between and after flags', () => {
  const values = readSettings(table, ['6000', '--memory', '8.0', '--rate', '5'], {});
  assert.deepEqual([values.concurrency, values.cpus, values.memory, values.rate], [6000, 8, true, 5]);
});

test('the last of two values wins', () => {
  assert.equal(concurrencyOf(['--concurrency', '1', '--concurrency=2']), 2);
});

test('flags of booleans take no value unless it is joined by =', () => {
  const memory = (argv: string[], env = {}) => readSettings(table, argv, env).memory;
  assert.equal(memory(['--memory']), true);
  assert.equal(memory(['--memory=false'], { MEMORY: 'true' }), false);
  for (const text of ['true', 'TRUE', '1']) assert.equal(memory([], { MEMORY: text }), true);
  for (const text of ['false', 'False', '0']) assert.equal(memory([], { MEMORY: text }), false);
  assert.equal(readSettings(table, ['--memory', '7'], {}).concurrency, 7);
});

test('numbers are decimal and whole where they must be, and never cut', () => {
  const rate = (text: string) => readSettings(table, [`--rate=${text}`], {}).rate;
  assert.deepEqual(['1e3', ' 12 ', '-1', '.5', '+2.50'].map(rate), [1000, 12, -1, 0.5, 2.5]);
  assert.equal(readSettings(table, ['--rate', '-1'], {}).rate, -1);
  assert.equal(readSettings(table, ['--rate', '-.5'], {}).rate, -0.5);
  assert.equal(concurrencyOf(['1e3']), 1000);
  for (const text of ['2.7', '0x10', '12abc', '1_000', '10,000', 'Infinity', 'NaN', '1e', '10001', '-1']) {
    assert.equal(mistakesOf([`--concurrency=${text}`]).length, 1, text);
  }
});

test('a flag without its value is a mistake, at the end and before the next flag', () => {
  const expected = ['--rate needs a value: a number'];
  assert.deepEqual(mistakesOf(['--rate']), expected);
  assert.deepEqual(mistakesOf(['--rate', '--memory']), expected);
  assert.deepEqual(mistakesOf(['--url', '-x']), ['--url needs a value: tcp://host:port']);
  assert.deepEqual(mistakesOf(['--rate=']), ['--rate: got "", expected a number']);
});

test('a value that begins with dashes can be given by =', () => {
  const one = defineSettings({
    text: { schema: Type.String(), flag: 'text', default: null, help: '', expected: 'a text' },
  });
  assert.equal(readSettings(one, ['--text=--json'], {}).text, '--json');
});

test('settings with a parser take what it makes of the text', () => {
  const values = readSettings(table, ['--queues', 'a,b c', '--listen', ':80', '--pause', '1.5s', '--wait', '5'], {});
  assert.deepEqual(values.queues, ['a', 'b', 'c']);
  assert.deepEqual(values.listen, { host: '127.0.0.1', port: 80 });
  assert.equal(values.pauseMs, 1500);
  assert.equal(values.wait, 5);
  assert.equal(readSettings(table, ['--wait', 'auto'], {}).wait, 'auto');
  assert.deepEqual(mistakesOf(['--queues', ' , ', '--listen', 'here', '--pause', 'soon', '--wait', '1.5']), [
    '--queues: got " , ", expected names',
    '--listen: got "here", expected HOST:PORT',
    '--wait: got "1.5", expected auto or a whole number',
    '--pause: got "soon", expected a duration',
  ]);
});

test('what is not given and has no default is null', () => {
  const values = readSettings(table, [], {});
  assert.equal(values.rate, null);
  assert.equal(values.url, null);
});

test('a secret keeps its blanks', () => {
  assert.equal(readSettings(table, [], { FAKTORY_PASSWORD: ' abc ' }).password, ' abc ');
});

test('no mistake shows a secret, or the password of an address', () => {
  const shown = [
    ...mistakesOf(['--password', 'abc'], {}),
    ...mistakesOf(['--pasword', 'hunter2hunter2']),
    ...mistakesOf(['--pasword=hunter2hunter2']),
    ...mistakesOf([], { FAKTORY_PASSWORD: 'abc' }),
    ...mistakesOf([], { FAKTORY_URL: 'redis://:hunter2/hunter2@host' }),
    ...mistakesOf(['1', '2', 'tcp://:hunter2@host']),
  ].join('\n');
  assert.doesNotMatch(shown, /hunter2|"abc"/);
  assert.match(shown, /--password: got a value that is not at least 4 characters/);
  assert.match(shown, /FAKTORY_URL: got "redis:\/\/\*\*\*@host", expected tcp:\/\/host:port/);
});

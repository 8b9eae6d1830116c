// The settings of `jobstorm api`.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jobServerAddress, readSettings, SettingsError } from '@jobstorm/program';
import { requireTokenBeyondLoopback, settings } from '../src/config.ts';

const read = (argv: string[], env: Record<string, string> = {}) => readSettings(settings, argv, env);
const addressOf = ({ url, password }: ReturnType<typeof read>) => jobServerAddress(url, password);

describe('settings of jobstorm api', () => {
  test('defaults', () => {
    const values = read([]);
    assert.deepEqual(values, {
      listen: '127.0.0.1:3000',
      url: 'tcp://127.0.0.1:7419',
      password: null,
      batchMaxSize: 100,
      batchMaxDelayMs: 100,
      batchAuto: true,
      batchAdaptive: true,
      queue: 'jobstorm',
      control: null,
      token: null,
      open: false,
      hostName: null,
    });
    assert.deepEqual(addressOf(values), { host: '127.0.0.1', port: 7419, password: null });
  });

  test('the environment, as the tuning guide has it', () => {
    const values = read([], {
      BIND_ADDR: '127.0.0.1:4000',
      FAKTORY_SERVER_IP: '192.168.1.100',
      FAKTORY_PASSWORD: 'p:w',
      BATCH_MAX_SIZE: '500',
      BATCH_MAX_DELAY_MS: '200',
      BATCH_AUTO_ENABLED: 'false',
      BATCH_ADAPTIVE: 'false',
      JOBSTORM_CONTROL: 'ws://192.168.1.100:7460',
      JOBSTORM_HOST: 'rack1',
    });
    assert.deepEqual([values.control, values.hostName], ['ws://192.168.1.100:7460', 'rack1']);
    assert.deepEqual(addressOf(values), { host: '192.168.1.100', port: 7419, password: 'p:w' });
    const { listen, batchMaxSize, batchMaxDelayMs, batchAuto, batchAdaptive } = values;
    assert.deepEqual(
      [listen, batchMaxSize, batchMaxDelayMs, batchAuto, batchAdaptive],
      ['127.0.0.1:4000', 500, 200, false, false],
    );
  });

  test('--url before FAKTORY_URL before FAKTORY_SERVER_IP, and its own password before FAKTORY_PASSWORD', () => {
    const env = { FAKTORY_URL: 'tcp://:inurl@b:1', FAKTORY_SERVER_IP: 'c', FAKTORY_PASSWORD: 'other' };
    assert.deepEqual(addressOf(read([], env)), { host: 'b', port: 1, password: 'inurl' });
    assert.deepEqual(addressOf(read(['--url', 'tcp://a:2'], env)), { host: 'a', port: 2, password: 'other' });
  });

  const wrong: [argv: string[], env: Record<string, string>, sentence: RegExp][] = [
    [['--url', 'http://a'], {}, /--url: .*tcp:\/\/\[:password@\]host/],
    [[], { BIND_ADDR: 'nowhere' }, /BIND_ADDR: got "nowhere", expected HOST:PORT/],
    [[], { BATCH_MAX_SIZE: '0' }, /BATCH_MAX_SIZE: got "0", expected a whole number from 1 to 10000/],
    [[], { BATCH_MAX_DELAY_MS: '-1' }, /BATCH_MAX_DELAY_MS: got "-1"/],
    [[], { BATCH_AUTO_ENABLED: 'maybe' }, /BATCH_AUTO_ENABLED: got "maybe", expected true or false/],
    [['--control', 'tcp://a:1'], {}, /--control: got "tcp:\/\/a:1", expected ws:\/\/HOST:PORT/],
    [['--queue', 'a b'], {}, /--queue: got "a b"/],
    [['--batch', '3'], {}, /unknown flag --batch/],
  ];
  for (const [argv, env, sentence] of wrong) {
    test(`a mistake in one sentence: ${JSON.stringify([argv, env])}`, () => {
      assert.throws(
        () => read(argv, env),
        (error: SettingsError) => {
          assert.ok(error instanceof SettingsError);
          assert.match(error.mistakes[0]!, sentence);
          return true;
        },
      );
    });
  }

  test('beyond loopback only with a token', () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.1.2.3']) {
      requireTokenBeyondLoopback(read(['--listen', `${host}:3000`]));
    }
    for (const host of ['0.0.0.0', '[::]', '192.168.1.5', '127.example.org']) {
      const values = read(['--listen', `${host}:3000`]);
      assert.throws(() => requireTokenBeyondLoopback(values), { code: 'ESETTINGS', message: /set JOBSTORM_TOKEN/ });
      assert.equal(requireTokenBeyondLoopback({ ...values, token: 'x' }), null);
      assert.match(requireTokenBeyondLoopback({ ...values, open: true }) ?? '', /JOBSTORM_OPEN .*--listen/);
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, SettingsError } from '@jobstorm/program';
import { requirePasswordBeyondLoopback, settings, webAddress } from '../src/config.ts';

const read = (argv: string[], env = {}) => readSettings(settings, argv, env);

test('the web side stands beside the default port only, unless told otherwise', () => {
  assert.deepEqual(webAddress(read([])), { host: '127.0.0.1', port: 7420 });
  assert.equal(webAddress(read(['--listen', '127.0.0.1:0'])), null);
  assert.equal(webAddress(read(['--web', 'off'])), null);
  assert.deepEqual(webAddress(read(['--listen', '0', '--web', '0'])), { host: '127.0.0.1', port: 0 });
});

test('beyond loopback a password is needed, for either side', () => {
  const needs = (argv: string[], env = {}) => {
    try {
      requirePasswordBeyondLoopback(read(argv, env));
      return [];
    } catch (error) {
      return (error as SettingsError).mistakes;
    }
  };
  assert.deepEqual(needs([]), []);
  assert.deepEqual(needs(['--listen', '[::1]:7419', '--web', 'localhost:1']), []);
  assert.equal(needs(['--listen', '0.0.0.0:7419', '--web', '0.0.0.0:7420']).length, 2);
  assert.match(needs(['--listen', '0.0.0.0:7419'])[0]!, /^--listen 0\.0\.0\.0:7419 .*FAKTORY_PASSWORD/);
  assert.deepEqual(needs(['--listen', '0.0.0.0:7419'], { FAKTORY_PASSWORD: 'x' }), []);
  assert.deepEqual(needs(['--listen', '0.0.0.0:7419'], { JOBSTORM_OPEN: '1' }), []);
});

test('what it does not know is refused, not ignored', () => {
  for (const argv of [['--data', ''], ['--fsync', 'now'], ['--listen', 'nowhere'], ['extra'], ['--memory=false']]) {
    assert.throws(() => read(argv), SettingsError, argv.join(' '));
  }
  assert.equal(read(['--memory']).memory, true);
  const { data, fsync } = read(['--data', 'x', '--fsync', 'never']);
  assert.deepEqual([data, fsync], ['x', 'never']);
});

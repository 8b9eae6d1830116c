import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings, SettingsError } from '@jobstorm/program';
import { serverUrl, settings } from '../src/config.ts';

describe('settings of the control room', () => {
  it('listens on loopback and asks no server unless told', () => {
    const values = readSettings(settings, [], {});
    assert.deepEqual(values, {
      listen: '127.0.0.1:7460',
      url: null,
      password: null,
      token: null,
      runs: '.jobstorm/runs',
      api: null,
      open: false,
    });
    assert.equal(serverUrl(values), null);
  });

  it('takes flags before the environment', () => {
    const env = { FAKTORY_SERVER_IP: '10.0.0.9', FAKTORY_PASSWORD: 'from env', JOBSTORM_TOKEN: 't' };
    assert.equal(serverUrl(readSettings(settings, [], env)), 'tcp://:from%20env@10.0.0.9:7419');
    const values = readSettings(settings, ['--url', 'tcp://:own@host:1', '--listen', '7461'], env);
    assert.equal(serverUrl(values), 'tcp://:own@host:1');
    assert.equal(values.listen, '127.0.0.1:7461');
    assert.equal(values.token, 't');
  });

  it('names every mistake', () => {
    assert.throws(
      () => readSettings(settings, ['--listen', 'x:y', '--url', 'http://x', '--colour'], {}),
      (error: unknown) => error instanceof SettingsError && error.mistakes.length === 3,
    );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, jobServerAddress, parseListen, readSettings, sharedSettings } from '../src/index.ts';

test('the url takes what people write, and names the port', () => {
  const urlOf = (env: Record<string, string>) => readSettings({ url: sharedSettings.url }, [], env).url;
  assert.equal(urlOf({ FAKTORY_SERVER_IP: '192.0.2.7' }), 'tcp://192.0.2.7:7419');
  assert.equal(urlOf({ FAKTORY_URL: 'tcp://a:1', FAKTORY_SERVER_IP: 'b' }), 'tcp://a:1');
  assert.equal(urlOf({}), null);
});

test("the URL's own password comes before the other one", () => {
  assert.deepEqual(jobServerAddress('tcp://:inside@h:1', 'outside'), { host: 'h', port: 1, password: 'inside' });
  assert.deepEqual(jobServerAddress('tcp://h:1', 'outside'), { host: 'h', port: 1, password: 'outside' });
  assert.deepEqual(jobServerAddress('h', null), { host: 'h', port: 7419, password: null });
});

test('loopback is what only this machine can reach', () => {
  assert.ok(isLoopback(new URL('http://[::1]:7460').hostname));
  for (const listen of ['7419', 'localhost:1', '127.0.0.1:1', '127.8.9.10:1', '[::1]:1', '[::ffff:127.0.0.1]:1']) {
    assert.ok(isLoopback(parseListen(listen).host), listen);
  }
  for (const listen of ['0.0.0.0:1', '[::]:1', '192.168.1.2:1', '127.0.0.1.example:1', '127.evil.example:1']) {
    assert.ok(!isLoopback(parseListen(listen).host), listen);
  }
});

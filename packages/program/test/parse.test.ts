import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenAddress, parseDurationMs, parseList, parseListen } from '../src/index.ts';

test('parseListen takes host and port, or a port of the loopback', () => {
  assert.deepEqual(parseListen('0.0.0.0:7419'), { host: '0.0.0.0', port: 7419 });
  assert.deepEqual(parseListen('my-host.example:0'), { host: 'my-host.example', port: 0 });
  assert.deepEqual(parseListen('[::1]:80'), { host: '::1', port: 80 });
  assert.deepEqual(parseListen(' :7419 '), { host: '127.0.0.1', port: 7419 });
  assert.deepEqual(parseListen('65535'), { host: '127.0.0.1', port: 65535 });
});

test('parseListen throws on anything else', () => {
  for (const text of [
    '',
    'host',
    'host:',
    'host:x',
    '::1:80',
    '65536',
    'host:65536',
    'http://h:1',
    'a b:1',
    '-1',
    '1.5',
  ]) {
    assert.throws(() => parseListen(text), RangeError, text);
  }
});

test('listenAddress writes what parseListen reads', () => {
  for (const text of ['127.0.0.1:7419', '[::1]:80', 'host:0']) assert.equal(listenAddress(parseListen(text)), text);
});

test('parseDurationMs takes numbers with a unit, milliseconds without one', () => {
  const cases: [string, number][] = [
    ['250', 250],
    ['250ms', 250],
    ['500us', 0.5],
    ['10s', 10_000],
    ['1.5m', 90_000],
    ['8.2m', 492_000],
    ['2h', 7_200_000],
    ['0', 0],
    [' 1s ', 1000],
  ];
  for (const [text, ms] of cases) assert.equal(parseDurationMs(text), ms, text);
});

test('parseDurationMs throws on anything else', () => {
  for (const text of ['', 's', '1d', '-1s', '1 s', '1e3', '1.s', '.5s', '1s2', 'Infinity', '10S']) {
    assert.throws(() => parseDurationMs(text), RangeError, text);
  }
});

test('parseList splits at commas and blanks', () => {
  assert.deepEqual(parseList('a,b c,, d\n'), ['a', 'b', 'c', 'd']);
  assert.deepEqual(parseList(' , '), []);
});

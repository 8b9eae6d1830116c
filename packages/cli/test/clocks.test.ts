import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Room } from '@jobstorm/dashboard';
import type { Client } from '@jobstorm/protocol';
import { epochUs } from '@jobstorm/telemetry';
import { measureClocks, stampUs } from '../src/clocks.ts';
import type { Cluster } from '../src/cluster.ts';

test('stamps with any number of digits and any zone', () => {
  const us = Date.UTC(2026, 10, 22, 20, 42, 32) * 1000;
  assert.equal(stampUs('2026-11-22T20:42:32Z'), us);
  assert.equal(stampUs('2026-11-22T20:42:32.5Z'), us + 500_000);
  assert.equal(stampUs('2026-11-22T21:42:32.123456789+01:00'), us + 123_456);
  assert.ok(Number.isNaN(stampUs('20:42:32 UTC')));
});

/** Workers on two other hosts, an api-service on `apiHost`, and a job server on a third whose clock is that much ahead. */
function clusterOf(serverSkewUs: number, apiHost = 'here'): Cluster {
  const part = (host: string, offsetUs: number) => ({ hello: { host }, clock: { offsetUs, errorUs: 20 } });
  const room = {
    workers: () => [part('far', -4000), part('near', 100), part('here', 9e9)],
    apis: () => [part(apiHost, 500)],
    clockOffset: () => ({ offsetUs: 1000, errorUs: 30 }),
  } as unknown as Room;
  const info = async () => ({ now: new Date((epochUs() + serverSkewUs) / 1000).toISOString() });
  const address = { host: '203.0.113.7', port: 7419, password: null };
  return {
    room,
    client: { info } as unknown as Client,
    address,
    server: null,
    api: null,
    apiUrl: 'http://x',
  } as unknown as Cluster;
}

test('workers are compared by way of the control room, the job server by what it says; those here are left out', async () => {
  const { hosts, wrongByUs } = (await measureClocks(clusterOf(2_000_000), ['here', null], false))!;
  assert.deepEqual(hosts.slice(0, 2), [
    { host: 'far', offsetUs: -3000, errorUs: 50 },
    { host: 'near', offsetUs: 1100, errorUs: 50 },
  ]);
  assert.deepEqual([wrongByUs.endToEnd, wrongByUs.accept], [3050, 0]);
  const { offsetUs, errorUs } = hosts[2]!;
  // The stamp has whole milliseconds.
  assert.ok(Math.abs(offsetUs! - 2_000_000) <= errorUs! + 1000, `${offsetUs} ±${errorUs}`);
  assert.ok(wrongByUs.queueWait! >= 2_000_000);
});

test('an api-service on another host is compared too, also where all workers are here', async () => {
  const { hosts, wrongByUs } = (await measureClocks(clusterOf(0, 'api-host'), ['here'], true))!;
  assert.deepEqual(
    hosts.filter(({ host }) => host !== '203.0.113.7'),
    [{ host: 'api-host', offsetUs: 1500, errorUs: 50 }],
  );
  assert.deepEqual([wrongByUs.accept, wrongByUs.endToEnd], [1550, 0]);
});

test('a job server that alone is on another host is compared, and nothing is where everybody is here', async () => {
  const { hosts, wrongByUs } = (await measureClocks(clusterOf(3_000_000), ['here'], true))!;
  assert.deepEqual(
    hosts.map(({ host }) => host),
    ['203.0.113.7'],
  );
  assert.ok(wrongByUs.queueWait! >= 2_999_000, String(wrongByUs.queueWait));
  assert.deepEqual([wrongByUs.endToEnd, wrongByUs.accept], [0, 0]);
  const cluster = clusterOf(0);
  const ours = { ...cluster, address: { ...cluster.address, host: '127.0.0.1' } };
  assert.equal(await measureClocks(ours, ['here'], true), null);
});

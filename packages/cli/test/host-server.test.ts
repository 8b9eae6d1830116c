import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { listenerAt, listeners, parseStat, type ServerReading, serverSeen, serverUse } from '../src/host-server.ts';
import { HostWatch } from '../src/host-watch.ts';

test('who listens at a port, from the kernel’s table', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1CFB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 51437 1 0 100 0 0 10 0',
    '   1: 0100007F:1CFB 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 60001 1 0 20 4 30 10 -1',
    '   2: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0 100 0 0 10 0',
  ].join('\n');
  assert.deepEqual([listeners(table, 7419), listeners(table, 3000), listeners(table, 1)], [['51437'], ['777'], []]);
});

test('a process with blanks and brackets in its name', () => {
  const fields = [
    'S',
    '41',
    ...Array.from({ length: 9 }, () => '0'),
    '120',
    '30',
    ...Array.from({ length: 8 }, () => '0'),
    '256',
    '0',
  ];
  const found = parseStat(`42 (redis-server) 12) ${fields.join(' ')}`);
  assert.deepEqual(found, { pid: 42, name: 'redis-server) 12', parent: 41, cpuUs: 1_500_000, rssBytes: 256 * 4096 });
  assert.equal(parseStat(''), null);
});

const busyListener = `
  process.title = 'faktory';
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
  setInterval(() => { const end = Date.now() + 20; while (Date.now() < end); }, 25);`;

test('a server of somebody else on this host: its CPU is seen', { skip: process.platform !== 'linux' }, async (t) => {
  const child: ChildProcess = spawn(process.execPath, ['-e', busyListener], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [text] = (await once(child.stdout!, 'data')) as [Buffer];
  const watch = new HostWatch(Number(text));
  t.after(() => watch.stop());
  const seen = await until('its CPU to count', () => {
    const { server } = watch.since(watch.first);
    return server && server.usage.coreSeconds > 0.05 ? server : null;
  });
  assert.ok(seen.usage.rssBytes > 1e6 && seen.usage.usedCores > 0);
  assert.deepEqual([seen.redisCores, seen.redisCapCores], [null, null]);
  const seenAs = serverSeen(watch.since(watch.first).server, { usage: null, capCores: null });
  assert.ok(seenAs.usage && seenAs.capCores && !seenAs.oneThread);
  assert.equal(listenerAt(1), null, 'nobody listens there');
});

function reading(changes: Partial<ServerReading> = {}, cpuUs = 0, throttledPeriods = 0): ServerReading {
  const own = { pid: 1, name: 'faktory', parent: 0, cpuUs, rssBytes: 1 };
  const group = { quotaCores: 0.4, cpuUs, periods: throttledPeriods * 2, throttledPeriods, throttledUs: 0 };
  const memory = { memoryBytes: null, memoryLimitBytes: null };
  return { own, redis: null, oneThread: false, group: { ...group, ...memory }, redisCapCores: 1, ...changes };
}

test('a server with a quota of its own: that is its cap, and how often it held it back is known', () => {
  const use = serverUse(reading(), reading({}, 400_000, 30), 1)!;
  const seen = serverSeen(use, { usage: null, capCores: null });
  assert.deepEqual([seen.usage?.usedCores, seen.capCores, seen.throttledShare], [0.4, 0.4, 0.5]);
  const free = serverSeen(serverUse(reading({ group: null }), reading({ group: null }), 1), {
    usage: null,
    capCores: null,
  });
  assert.equal(free.throttledShare, null);
  assert.match(free.whyNotThrottled!, /no CPU quota/);
});

test('its Redis is told apart, with what it is granted', () => {
  const redis = { pid: 2, name: 'redis-server', parent: 1, cpuUs: 100_000, rssBytes: 1 };
  const later = { ...redis, cpuUs: 300_000 };
  const use = serverUse(reading({ redis, redisCapCores: 0.1 }), reading({ redis: later, redisCapCores: 0.1 }), 2)!;
  assert.deepEqual([use.redisCores, use.redisCapCores, use.usage.usedCores], [0.1, 0.1, 0.1]);
});

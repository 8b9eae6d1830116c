import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { listeners, parseDiskStats, parseNetDev, parseStat, serverSeen, watchHost } from '../src/host-watch.ts';

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

test('links count by their fuller way, disks as wholes', () => {
  const dev = 'Inter-|\n face |bytes\n    lo: 10 0 0 0 0 0 0 0 10 0 0\n  eth0: 500 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0\n';
  assert.deepEqual(
    [...parseNetDev(dev)],
    [
      ['lo', 10],
      ['eth0', 900],
    ],
  );
  const disks =
    '   8 0 sda 1 2 3 4 5 6 7 8 9 1234 11\n   8 1 sda1 1 2 3 4 5 6 7 8 9 99 11\n 254 0 vda 1 2 3 4 5 6 7 8 9 55 11\n';
  assert.deepEqual(
    [...parseDiskStats(disks)],
    [
      ['sda', 1234],
      ['vda', 55],
    ],
  );
});

const busyListener = `
  process.title = 'faktory';
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
  setInterval(() => { const end = Date.now() + 20; while (Date.now() < end); }, 25);`;

test('a server of somebody else on this host: its CPU is seen', { skip: process.platform !== 'linux' }, async (t) => {
  const child: ChildProcess = spawn(process.execPath, ['-e', busyListener], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [text] = (await once(child.stdout!, 'data')) as [Buffer];
  const used = watchHost(Number(text));
  const seen = await until('its CPU to count', () => {
    const { server } = used();
    return server && server.usage.coreSeconds > 0.05 ? server : null;
  });
  assert.ok(seen.usage.rssBytes > 1e6 && seen.usage.usedCores > 0);
  assert.equal(seen.redisCores, null);
  const seenAs = serverSeen(used(), { usage: null, capCores: null });
  assert.ok(seenAs.usage && seenAs.capCores && !seenAs.oneThread);
  assert.equal(watchHost(1)().server, null, 'nobody listens there');
});

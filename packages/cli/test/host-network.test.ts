import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkRate, networkUse, parseNetDev, parseShapers } from '../src/host-network.ts';

test('bytes of each way, from the kernel’s table', () => {
  const dev = 'Inter-|\n face |bytes\n    lo: 10 0 0 0 0 0 0 0 10 0 0\n  eth0: 500 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0\n';
  assert.deepEqual(
    [...parseNetDev(dev)],
    [
      ['lo', { inBytes: 10, outBytes: 10 }],
      ['eth0', { inBytes: 500, outBytes: 900 }],
    ],
  );
});

test('what interfaces are shaped to, as tc tells it', () => {
  const qdiscs = [
    { kind: 'noqueue', dev: 'lo', root: true, options: {} },
    { kind: 'tbf', dev: 'veth0', root: true, options: { rate: 2_500_000, burst: 4095, lat: 50_000 } },
    { kind: 'netem', dev: 'veth1', root: true, options: { limit: 1000, rate: { rate: 1_250_000 } } },
    { kind: 'netem', dev: 'veth2', root: true, options: { limit: 1000 } },
    { kind: 'tbf', dev: 'veth3', parent: '1:1', options: { rate: 5 } },
  ];
  assert.deepEqual(
    [...parseShapers(JSON.stringify(qdiscs))],
    [
      ['veth0', 20],
      ['veth1', 10],
    ],
  );
  assert.equal(parseShapers('tc: not found').size, 0);
  assert.equal(parseShapers('{}').size, 0);
});

test('each way has the whole link, and a shaper holds the way out', () => {
  const reading = (inBytes: number, outBytes: number) => new Map([['eth0', { inBytes, outBytes }]]);
  const use = (to: ReturnType<typeof reading>, shapers: Map<string, number>, speed: number | null) =>
    networkUse(reading(0, 0), to, 2, shapers, () => speed);
  const none = new Map<string, number>();
  const shaped = new Map([['eth0', 20]]);
  assert.deepEqual(use(reading(1_000_000, 5_000_000), none, 1000), { name: 'eth0', usedMbit: 20, capMbit: 1000 });
  assert.deepEqual(use(reading(1_000_000, 5_000_000), shaped, 1000), { name: 'eth0', usedMbit: 20, capMbit: 20 });
  assert.deepEqual(use(reading(50_000_000, 100), shaped, 1000), { name: 'eth0', usedMbit: 200, capMbit: 1000 });
  assert.deepEqual(use(reading(0, 5_000_000), shaped, null), { name: 'eth0', usedMbit: 20, capMbit: 20 });
  assert.deepEqual(use(reading(0, 5_000_000), shaped, 10), { name: 'eth0', usedMbit: 20, capMbit: 10 });
  assert.equal(use(reading(9e9, 9e9), none, null), null, 'a link that does not say what it carries');
});

test('what went over all links, those of bridges and those that came meanwhile left out', () => {
  const from = new Map([
    ['lo', { inBytes: 100, outBytes: 100 }],
    ['eth0', { inBytes: 1000, outBytes: 0 }],
    ['veth1', { inBytes: 0, outBytes: 0 }],
  ]);
  const to = new Map([
    ['lo', { inBytes: 300, outBytes: 300 }],
    ['eth0', { inBytes: 2000, outBytes: 400 }],
    ['veth1', { inBytes: 5000, outBytes: 5000 }],
    ['eth1', { inBytes: 9000, outBytes: 9000 }],
  ]);
  const rate = networkRate(from, to, 2, (name) => name === 'veth1');
  assert.deepEqual(rate, { inPerS: 600, outPerS: 300 });
  assert.equal(networkRate(from, new Map(), 2), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cgroup } from '../src/cgroup.ts';

type Files = Record<string, string>;

const readerOf = (files: Files) => (path: string) => files[path] ?? null;

// As read on the machines named.
const dockerV1: Files = {
  '/proc/self/cgroup': [
    '4:memory:/docker/63067f',
    '2:cpuacct:/docker/63067f',
    '1:cpu:/docker/63067f',
    '0::/docker/63067f',
  ].join('\n'),
  '/proc/self/mountinfo': [
    '72 71 0:44 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755',
    '73 72 0:29 /docker/63067f /sys/fs/cgroup/cpu ro,nosuid,nodev,noexec,relatime - cgroup cgroup rw,cpu',
    '74 72 0:30 /docker/63067f /sys/fs/cgroup/cpuacct ro,nosuid,nodev,noexec,relatime - cgroup cgroup rw,cpuacct',
    '76 72 0:32 /docker/63067f /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime - cgroup cgroup rw,memory',
    '',
  ].join('\n'),
  '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
  '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  '/sys/fs/cgroup/cpu/cpu.stat': 'nr_periods 20\nnr_throttled 5\nthrottled_time 3000000\nnr_bursts 0\nburst_time 0\n',
  '/sys/fs/cgroup/cpuacct/cpuacct.usage': '33879088\n',
  '/sys/fs/cgroup/memory/memory.limit_in_bytes': '268435456\n',
  '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1650688\n',
  '/sys/fs/cgroup/memory/memory.stat':
    'inactive_file 0\nhierarchical_memory_limit 268435456\ntotal_inactive_file 650688\n',
};

test('version 1 in a container: the mount begins at its own group', () => {
  const cgroup = new Cgroup(readerOf(dockerV1));
  assert.equal(cgroup.quotaCores, 0.5);
  assert.deepEqual(cgroup.usage(), {
    quotaCores: 0.5,
    cpuUs: 33879.088,
    periods: 20,
    throttledPeriods: 5,
    throttledUs: 3000,
    memoryBytes: 1_000_000,
    memoryLimitBytes: 268435456,
  });
});

const dockerV2: Files = {
  '/proc/self/cgroup': '0::/\n',
  '/proc/self/mountinfo':
    '1024 1023 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate\n',
  '/sys/fs/cgroup/cpu.max': '110000 100000\n',
  '/sys/fs/cgroup/cpu.stat':
    'usage_usec 5000000\nuser_usec 4000000\nsystem_usec 1000000\nnr_periods 100\nnr_throttled 40\nthrottled_usec 90000\n',
  '/sys/fs/cgroup/memory.max': 'max\n',
};

test('version 2 in a container with a namespace of its own', () => {
  assert.deepEqual(new Cgroup(readerOf(dockerV2)).usage(), {
    quotaCores: 1.1,
    cpuUs: 5000000,
    periods: 100,
    throttledPeriods: 40,
    throttledUs: 90000,
    memoryBytes: null,
    memoryLimitBytes: null,
  });
});

test('the tightest quota and limit of all groups above count, with the usage of the group that has them', () => {
  const service = '/sys/fs/cgroup/system.slice/worker.service';
  const files: Files = {
    '/proc/self/cgroup': '0::/system.slice/worker.service\n',
    '/proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    [`${service}/cpu.max`]: '400000 100000',
    [`${service}/memory.max`]: '1000',
    [`${service}/memory.current`]: '900',
    [`${service}/memory.stat`]: 'anon 500\ninactive_file 300\n',
    '/sys/fs/cgroup/system.slice/cpu.max': '200000 100000',
    '/sys/fs/cgroup/system.slice/cpu.stat': 'usage_usec 7\n',
    '/sys/fs/cgroup/system.slice/memory.max': '2000',
  };
  const cgroup = new Cgroup(readerOf(files));
  assert.equal(cgroup.cpuFolder!.folder, service);
  const { quotaCores, cpuUs, memoryBytes, memoryLimitBytes } = cgroup.usage()!;
  assert.deepEqual([quotaCores, cpuUs, memoryBytes, memoryLimitBytes], [2, 7, 600, 1000]);
});

test('version 1 beside version 2: controllers that version 1 has are read there', () => {
  const files: Files = {
    '/proc/self/cgroup': '4:memory:/some/group\n2:cpuacct:/\n1:cpu:/\n0::/\n',
    '/proc/self/mountinfo': [
      '32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu',
      '33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct',
      '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
      '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    ].join('\n'),
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    '/sys/fs/cgroup/memory/some/group/memory.limit_in_bytes': '9223372036854771712\n',
  };
  const cgroup = new Cgroup(readerOf(files));
  assert.deepEqual(cgroup.cpuFolder, { version: 1, folder: '/sys/fs/cgroup/cpu' });
  assert.equal(cgroup.accountFolder, '/sys/fs/cgroup/cpuacct');
  assert.equal(cgroup.quotaCores, null);
  assert.equal(cgroup.usage(), null);
  const capped = new Cgroup(readerOf({ ...files, '/sys/fs/cgroup/memory/memory.limit_in_bytes': '5000' }));
  assert.equal(capped.usage()!.memoryLimitBytes, 5000);
});

test('two controllers in one mount, and blanks in a path', () => {
  const files: Files = {
    '/proc/self/cgroup': '3:cpu,cpuacct:/a b\n',
    '/proc/self/mountinfo': '32 31 0:29 / /sys/fs/cg\\040roup rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n',
    '/sys/fs/cg roup/a b/cpu.cfs_quota_us': '150000',
    '/sys/fs/cg roup/a b/cpu.cfs_period_us': '100000',
    '/sys/fs/cg roup/a b/cpuacct.usage': '2000',
  };
  const usage = new Cgroup(readerOf(files)).usage()!;
  assert.deepEqual([usage.quotaCores, usage.cpuUs, usage.periods], [1.5, 2, 0]);
});

test('without cgroups, or with files that say something else, nothing is known', () => {
  assert.equal(new Cgroup(() => null).usage(), null);
  assert.equal(new Cgroup(() => 'nonsense').usage(), null);
  assert.equal(new Cgroup(readerOf({ '/proc/self/cgroup': '0::/x\n' })).cpuFolder, null);
  const garbled = { ...dockerV2, '/sys/fs/cgroup/cpu.max': 'much 0\n' };
  assert.equal(new Cgroup(readerOf(garbled)).quotaCores, null);
  const zero = { ...dockerV2, '/sys/fs/cgroup/cpu.max': '100 0\n' };
  assert.equal(new Cgroup(readerOf(zero)).quotaCores, null);
});

test("this machine's own can be read", () => {
  const cgroup = new Cgroup();
  const { quotaCores } = cgroup;
  assert.ok(quotaCores === null || quotaCores > 0);
  const usage = cgroup.usage();
  if (usage) for (const value of Object.values(usage)) assert.ok(value === null || value >= 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerInfo, ContainerInspectInfo, ContainerStats } from 'dockerode';
import { identityOf, limitsOf, readingOf } from '../src/container-usage.ts';
import { listed, statsOfNone, statsV1, statsV2 } from './engine-replies.ts';

/** Replies are less, and at times other, than the library's types say. */
const stats = (reply: object) => reply as unknown as ContainerStats;
const limits = (HostConfig: object) => limitsOf({ HostConfig } as unknown as ContainerInspectInfo);

test('cgroup v1: interfaces and disks added up, page cache of the group and those below taken off', () => {
  assert.deepEqual(readingOf(stats(statsV1)), {
    readAtMs: Date.UTC(2026, 10, 23, 0, 40, 14, 751),
    cpuUs: 7_301_241,
    periods: 4134,
    throttledPeriods: 12,
    throttledUs: 164_243,
    memoryBytes: 9748480 - 16384,
    networkRxBytes: 261600,
    networkTxBytes: 814400,
    blockReadBytes: 4097,
    blockWriteBytes: 20480,
  });
});

test('cgroup v2: other names for the same', () => {
  assert.deepEqual(readingOf(stats(statsV2)), {
    readAtMs: Date.UTC(2026, 10, 23, 0, 40, 14, 751),
    cpuUs: 1_500_000,
    periods: 100,
    throttledPeriods: 40,
    throttledUs: 2500,
    memoryBytes: 42428800,
    networkRxBytes: 5,
    networkTxBytes: 7,
    blockReadBytes: 12288,
    blockWriteBytes: 4096,
  });
});

test('a container that does not run has no reading', () => {
  assert.equal(readingOf(stats(statsOfNone)), null);
});

test('what an engine leaves out counts nothing', () => {
  const { networks: _networks, ...rest } = statsV2;
  const bare = { ...rest, blkio_stats: { io_service_bytes_recursive: null }, memory_stats: { usage: 10 } };
  const reading = readingOf(stats({ ...bare, cpu_stats: { cpu_usage: { total_usage: 2000 } } }));
  assert.ok(reading);
  const { readAtMs: _at, cpuUs, memoryBytes, ...others } = reading;
  assert.deepEqual([cpuUs, memoryBytes], [2, 10]);
  assert.deepEqual(new Set(Object.values(others)), new Set([0]));
});

test('limits: CPUs, or a quota and its period; 0 is none', () => {
  assert.deepEqual(limits({ NanoCpus: 500_000_000, Memory: 209715200 }), {
    capCores: 0.5,
    memoryLimitBytes: 209715200,
  });
  assert.deepEqual(limits({ NanoCpus: 0, CpuQuota: 150_000, CpuPeriod: 50_000, Memory: 0 }), {
    capCores: 3,
    memoryLimitBytes: null,
  });
  assert.deepEqual(limits({ CpuQuota: 250_000 }), { capCores: 2.5, memoryLimitBytes: null });
  assert.deepEqual(limits({ NanoCpus: 0, CpuQuota: -1, CpuPeriod: 0 }), { capCores: null, memoryLimitBytes: null });
});

test('identity: short id, plain name, names of compose', () => {
  const info = listed as unknown as ContainerInfo;
  assert.deepEqual(identityOf(info), {
    id: 'a69263de8c41',
    name: 'demo-faktory-1',
    project: 'demo',
    service: 'faktory',
    image: 'contribsys/faktory:1.10.0',
    state: 'running',
  });
  const { project, service } = identityOf({ ...info, Labels: {} });
  assert.deepEqual([project, service], ['', '']);
});

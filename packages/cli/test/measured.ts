// Readings of processes and containers that tests start from. The containers are as a Docker engine and docker-stats reported them.

import type { ContainerView, HostView, WorkerView } from '@jobstorm/dashboard';
import type { CgroupUsage } from '@jobstorm/telemetry';
import type { Readings } from '../src/usage-readings.ts';

export const usageAt = (cpuUs: number, atUs: number) => ({
  usage: { cpuUs, rssBytes: 1000, loopDelayP99Us: null },
  atUs,
});

export function someReadings(changes: Partial<Readings> = {}): Readings {
  return {
    generator: usageAt(0, 0),
    server: undefined,
    api: undefined,
    apiHost: null,
    apiPhases: {},
    supervisor: undefined,
    workers: new Map(),
    ...changes,
  };
}

export interface SomeWorker {
  id: string;
  group: string;
  capCores: number | null;
  host?: string;
  cgroup?: Partial<CgroupUsage> | null;
}

export function someWorker({ id, group, capCores, host = 'here', cgroup = null }: SomeWorker): WorkerView {
  return { id, hello: { group, capCores, host }, state: { cgroup } } as unknown as WorkerView;
}

/** Two polls of one Faktory of compose with `cpus: 0.5`, two seconds apart, under load. */
export const faktory: readonly [ContainerView, ContainerView] = [
  {
    id: '4f1d6b0c2a9e',
    name: 'jobstorm-3fa2c1-server-faktory-1',
    project: 'jobstorm-3fa2c1-server',
    service: 'faktory',
    image: 'contribsys/faktory:1.10.0',
    state: 'running',
    readAtMs: 1_795_392_000_000,
    cpuUs: 1_212_345,
    capCores: 0.5,
    periods: 210,
    throttledPeriods: 3,
    throttledUs: 90_000,
    memoryBytes: 41_000_000,
    memoryLimitBytes: null,
    networkRxBytes: 1_200_000,
    networkTxBytes: 900_000,
    blockReadBytes: 0,
    blockWriteBytes: 409_600,
    usedCores: 0.02,
    throttledShare: 0,
  },
  {
    id: '4f1d6b0c2a9e',
    name: 'jobstorm-3fa2c1-server-faktory-1',
    project: 'jobstorm-3fa2c1-server',
    service: 'faktory',
    image: 'contribsys/faktory:1.10.0',
    state: 'running',
    readAtMs: 1_795_392_002_000,
    cpuUs: 2_202_345,
    capCores: 0.5,
    periods: 230,
    throttledPeriods: 19,
    throttledUs: 1_690_000,
    memoryBytes: 46_000_000,
    memoryLimitBytes: null,
    networkRxBytes: 9_200_000,
    networkTxBytes: 8_900_000,
    blockReadBytes: 0,
    blockWriteBytes: 819_200,
    usedCores: 0.495,
    throttledShare: 0.8,
  },
];

export function someHost(containers: ContainerView[], changes: Partial<HostView> = {}): HostView {
  return {
    host: 'storm-1',
    live: true,
    seenAtMs: 1_795_392_002_500,
    unavailable: null,
    hostCores: 2,
    hostMemoryBytes: 8e9,
    projects: [],
    containers,
    ...changes,
  };
}

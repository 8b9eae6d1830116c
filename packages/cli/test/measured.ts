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
    roomAnswerMs: 1,
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

/** Two readings of a Faktory 1.10.0 that was given 0.3 CPUs, recorded from a control room in the middle of a perf-test of 12,000 jobs. */
const recorded = {
  id: 'b3441293b88c',
  name: 'jobstorm-f52e8c-server-faktory-1',
  project: 'jobstorm-f52e8c-server',
  service: 'faktory',
  image: 'contribsys/faktory:1.10.0',
  state: 'running',
  capCores: 0.3,
  memoryLimitBytes: null,
  blockReadBytes: 0,
  blockWriteBytes: 0,
  throttledShare: 1,
};
export const faktory: readonly [ContainerView, ContainerView] = [
  {
    ...recorded,
    readAtMs: 1_795_399_498_288,
    cpuUs: 26_275_267,
    periods: 15_740,
    throttledPeriods: 535,
    throttledUs: 49_370_873,
    memoryBytes: 18_087_936,
    networkRxBytes: 19_002_588,
    networkTxBytes: 25_847_140,
    usedCores: 0.31399519692603267,
  },
  {
    ...recorded,
    readAtMs: 1_795_399_500_449,
    cpuUs: 26_897_063,
    periods: 15_761,
    throttledPeriods: 556,
    throttledUs: 51_248_471,
    memoryBytes: 18_280_448,
    networkRxBytes: 19_689_270,
    networkTxBytes: 27_017_152,
    usedCores: 0.27867259120673527,
  },
];

export function someHost(containers: ContainerView[], changes: Partial<HostView> = {}): HostView {
  return {
    host: 'storm-1',
    live: true,
    seenAtMs: 1_795_399_500_600,
    unavailable: null,
    hostCores: 2,
    hostMemoryBytes: 8e9,
    projects: [],
    containers,
    ...changes,
  };
}

// What the engine says of a container, as numbers that mean the same everywhere. Pure. It takes out of the engine's replies what
// is listed here and nothing else, so that environments and arguments stay where they are.

import type { ContainerUsage } from '@jobstorm/telemetry';
import type { ContainerInfo, ContainerInspectInfo, ContainerStats } from 'dockerode';

/** Who a container is: from the engine's list. */
export type ContainerIdentity = Pick<ContainerUsage, 'id' | 'name' | 'project' | 'service' | 'image' | 'state'>;
/** What it may use: from the engine's inspection. */
export type ContainerLimits = Pick<ContainerUsage, 'capCores' | 'memoryLimitBytes'>;
/** What it used: from the engine's reading. */
export type ContainerReading = Omit<ContainerUsage, keyof ContainerIdentity | keyof ContainerLimits>;

const shownIdLength = 12;
const defaultPeriodUs = 100_000;

/** Engines leave out what their kernel doesn't count. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function microseconds(nanoseconds: unknown): number {
  return Math.round(count(nanoseconds) / 1000);
}

export function identityOf({ Id, Names, Labels, Image, State }: ContainerInfo): ContainerIdentity {
  return {
    id: Id.slice(0, shownIdLength),
    name: Names[0]?.replace(/^\//, '') ?? '',
    project: Labels['com.docker.compose.project'] ?? '',
    service: Labels['com.docker.compose.service'] ?? '',
    image: Image,
    state: State,
  };
}

export function limitsOf({ HostConfig }: Pick<ContainerInspectInfo, 'HostConfig'>): ContainerLimits {
  const { NanoCpus, CpuQuota, CpuPeriod, Memory } = HostConfig;
  const cores = count(NanoCpus) / 1e9 || count(CpuQuota) / (count(CpuPeriod) || defaultPeriodUs);
  return { capCores: cores || null, memoryLimitBytes: count(Memory) || null };
}

/** As `docker stats` counts it: cgroup v2 says inactive_file, v1 total_inactive_file for the group and those below it. */
function memoryBytes(memory: ContainerStats['memory_stats'] | undefined): number {
  const used = count(memory?.usage);
  const stats: Readonly<Record<string, unknown>> = { ...memory?.stats };
  const cache = count(stats.total_inactive_file ?? stats.inactive_file);
  return cache < used ? used - cache : used;
}

function blockBytes(stats: ContainerStats, operation: 'read' | 'write'): number {
  const entries = stats.blkio_stats?.io_service_bytes_recursive ?? [];
  return entries.reduce((sum, { op, value }) => (op.toLowerCase() === operation ? sum + count(value) : sum), 0);
}

/** null: the engine has no reading, as the container does not run. */
export function readingOf(stats: ContainerStats): ContainerReading | null {
  const readAtMs = Date.parse(stats.read);
  // An engine answers for a container that does not run with the year 1.
  if (!(readAtMs > 0)) return null;
  const { cpu_usage, throttling_data } = stats.cpu_stats;
  const interfaces = Object.values(stats.networks ?? {});
  return {
    readAtMs,
    cpuUs: microseconds(cpu_usage?.total_usage),
    periods: count(throttling_data?.periods),
    throttledPeriods: count(throttling_data?.throttled_periods),
    throttledUs: microseconds(throttling_data?.throttled_time),
    memoryBytes: memoryBytes(stats.memory_stats),
    networkRxBytes: interfaces.reduce((sum, { rx_bytes }) => sum + count(rx_bytes), 0),
    networkTxBytes: interfaces.reduce((sum, { tx_bytes }) => sum + count(tx_bytes), 0),
    blockReadBytes: blockBytes(stats, 'read'),
    blockWriteBytes: blockBytes(stats, 'write'),
  };
}

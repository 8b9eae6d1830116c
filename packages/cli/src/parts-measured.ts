// What each part of the cluster used during a run, out of the readings before and after it and of what its containers' engine says.
// Pure. Invariant: what can't be known is null with its reason, never 0.

import type { HostView, WorkerView } from '@jobstorm/dashboard';
import { type ContainerUse, type PartMeasured, type PartUsage, sumUsage, usageBetween } from '@jobstorm/loadtest';
import type { Cluster } from './cluster.ts';
import { throttledBetween } from './host-server.ts';
import { isServerNode, type SeenContainer } from './run-containers.ts';
import type { Readings } from './usage-readings.ts';

/** A container of the run, with what it used; null: it is not seen, or was read too rarely to tell. */
export interface ContainerMeasured {
  seen: SeenContainer;
  use: ContainerUse;
}

/** What the control room sees of the run's containers. */
export interface ContainersMeasured {
  hosts: readonly HostView[];
  server: ContainerMeasured | null;
  /** Why the server's was not found or measured. */
  whyNoServer: string;
  api: ContainerMeasured | null;
}

/** The least of what is known; null: nothing is. */
function least(...caps: (number | null | undefined)[]): number | null {
  const known = caps.filter((cap) => cap != null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Cores that workers may use together: a cap belongs to the whole worker, however many processes it has. */
export function capOf(views: readonly WorkerView[]): number | null {
  const caps = new Map(views.map(({ hello, state }) => [hello.group, least(hello.capCores, state.cgroup?.quotaCores)]));
  let sum = 0;
  for (const cap of caps.values()) {
    if (cap === null) return null;
    sum += cap;
  }
  return caps.size > 0 ? sum : null;
}

/** Scheduler periods between two snapshots of a worker's process, and those in which its quota held it back; null: it has none. */
export function periodsBetween(
  before: WorkerView | undefined,
  after: WorkerView,
): { periods: number; throttled: number } | null {
  const [from, to] = [before?.state.cgroup, after.state.cgroup];
  if (from?.quotaCores == null || to?.quotaCores == null) return null;
  const periods = to.periods - from.periods;
  return periods < 0 ? null : { periods, throttled: to.throttledPeriods - from.throttledPeriods };
}

/** Share of the scheduler periods in which workers were held back at their quotas, or why it is not known. */
export function workersThrottled(
  before: Readings,
  after: Readings,
): Pick<PartMeasured, 'throttledShare' | 'whyNotThrottled'> {
  const groups = new Map<string, { periods: number; throttled: number }>();
  const names = new Set<string>();
  for (const [id, { view }] of after.workers) {
    const { group } = view.hello;
    names.add(group);
    // Every process of a worker tells of the same control group: one of them is enough.
    const own = groups.has(group) ? null : periodsBetween(before.workers.get(id)?.view, view);
    if (own) groups.set(group, own);
  }
  if (groups.size === 0) return { whyNotThrottled: 'no worker has a CPU quota that could throttle it' };
  if (groups.size < names.size) {
    return { whyNotThrottled: `only ${groups.size} of ${names.size} workers tell of a CPU quota` };
  }
  const all = [...groups.values()];
  const periods = all.reduce((sum, group) => sum + group.periods, 0);
  if (periods === 0) return { whyNotThrottled: 'too short: no period of the scheduler went by' };
  return { throttledShare: all.reduce((sum, { throttled }) => sum + throttled, 0) / periods };
}

/** Cores of the hosts that workers are on; null: not all of them are known. */
function hostCoresOf(views: readonly WorkerView[], hosts: readonly HostView[]): number | null {
  const cores = [...new Set(views.map(({ hello }) => hello.host))].map(
    (name) => hosts.find(({ host }) => host === name)?.hostCores,
  );
  return cores.length === 0
    ? null
    : cores.reduce<number | null>((sum, own) => (sum === null || own === undefined ? null : sum + own), 0);
}

function workersMeasured(before: Readings, after: Readings, hosts: readonly HostView[]): PartMeasured {
  const shares: PartUsage[] = [];
  for (const [id, reading] of after.workers) {
    const share = usageBetween(before.workers.get(id), reading);
    if (share) shares.push(share);
  }
  const views = [...after.workers.values()].map(({ view }) => view);
  const supervisor = usageBetween(before.supervisor, after.supervisor);
  if (supervisor && shares.length > 0) shares.push(supervisor);
  return {
    usage: sumUsage(shares),
    capCores: capOf(views),
    reason: 'no worker that was there at the start reported at the end',
    hostCores: hostCoresOf(views, hosts),
    ...workersThrottled(before, after),
  };
}

/** This process, and those that send for it: each is one thread, and this one has little to do beside them. */
function generatorMeasured(before: Readings, after: Readings): PartMeasured {
  const own = usageBetween(before.generator, after.generator);
  const others = (after.generators ?? []).map((reading, at) => usageBetween(before.generators?.[at], reading));
  const known = others.filter((usage) => usage !== null);
  if (known.length < others.length)
    return { usage: null, capCores: others.length, reason: 'a generator ended before it could be asked' };
  const group = after.generatorGroup;
  const throttledShare = throttledBetween(before.generatorGroup, group);
  return {
    usage: own && sumUsage([own, ...known]),
    capCores: least(Math.max(1, others.length), group?.quotaCores),
    ...(throttledShare === null ? {} : { throttledShare }),
  };
}

function ownServer(before: Readings, after: Readings): PartMeasured {
  return {
    usage: usageBetween(before.server, after.server),
    capCores: 1,
    oneThread: true,
    reason: 'the server ended before it could be asked',
  };
}

const noQuota = 'its container has no CPU quota that could throttle it';

function serverMeasured({ server, whyNoServer }: ContainersMeasured, serverName: string): PartMeasured {
  if (!server) {
    const reason = `${serverName} was not started by this run, and nothing here can see its CPU: ${whyNoServer}`;
    return { usage: null, capCores: null, reason };
  }
  const { host, container } = server.seen;
  const oneThread = isServerNode(container);
  return {
    usage: server.use.usage,
    capCores: least(container.capCores ?? host.hostCores, oneThread ? 1 : null),
    throttledShare: server.use.throttledShare,
    whyNotThrottled: noQuota,
    hostCores: host.hostCores,
    oneThread,
  };
}

function apiMeasured(
  cluster: Cluster,
  before: Readings,
  after: Readings,
  containers: ContainersMeasured,
): PartMeasured {
  if (cluster.apiUrl === null) {
    return { usage: null, capCores: null, reason: 'jobs went to the server without an api-service' };
  }
  const api = cluster.api ? null : containers.api;
  return {
    usage: usageBetween(before.api, after.api) ?? api?.use.usage ?? null,
    // It is one thread.
    capCores: least(1, api?.seen.container.capCores),
    reason: 'the api-service does not report to this control room',
    ...(api ? { throttledShare: api.use.throttledShare, whyNotThrottled: noQuota } : {}),
  };
}

/** What each part used between the readings. */
export function partsMeasured(
  cluster: Cluster,
  before: Readings,
  after: Readings,
  containers: ContainersMeasured,
  serverName: string,
) {
  return {
    generator: generatorMeasured(before, after),
    api: apiMeasured(cluster, before, after, containers),
    server: cluster.server ? ownServer(before, after) : serverMeasured(containers, serverName),
    workers: workersMeasured(before, after, containers.hosts),
  };
}

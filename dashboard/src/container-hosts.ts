// The containers of each host, merged over the docker-stats that watch it (a server's and a worker's may run on one host and see
// the same containers). The clock is passed in by the caller; what is given is valid already (message.ts).
//
//   reading ──▶ base ┄┄ at least MIN_SPAN_MS ┄┄▶ next reading that far on ──▶ rates between the two; it is the new base
//
// Invariants: a container is there as long as one of its host's watchers lists it; its reading never goes back in time, unless the host's
// clock does: then it begins anew; only the
// fields named here are kept, so that nothing else that a watcher may say of a container (its environment) is ever passed on.

import type { ContainerUsage, DockerSnapshot, Hello } from '@jobstorm/telemetry';
import type { ContainerView, HostView } from './view.ts';

/** Rates over less are noise: two watchers of one host read milliseconds apart. */
const MIN_SPAN_MS = 500;
/** Two watchers' readings of one moment are never this far apart: the host's clock was set back. */
const CLOCK_JUMP_MS = 10_000;
/** How long a host is shown as gone. */
const GONE_KEPT_MS = 600_000;
const MAX_HOSTS = 4096;

type Rates = Pick<ContainerView, 'usedCores' | 'throttledShare'>;

interface ContainerRecord {
  base: ContainerUsage;
  latest: ContainerUsage;
  rates: Rates;
}

interface Watcher {
  /** Its own container's id, when it is in one. */
  self: string;
  live: boolean;
  seenAtMs: number;
  /** null: it has not reported yet. */
  snapshot: Pick<DockerSnapshot, 'unavailable' | 'hostCores' | 'hostMemoryBytes'> | null;
  listed: ReadonlySet<string>;
}

interface HostRecord {
  watchers: Map<string, Watcher>;
  containers: Map<string, ContainerRecord>;
}

const noRates: Rates = { usedCores: null, throttledShare: null };

/** What a container used between two readings of one engine; null figures where its counters began anew. */
export function ratesBetween(from: ContainerUsage, to: ContainerUsage): Rates {
  const spanUs = (to.readAtMs - from.readAtMs) * 1000;
  if (spanUs <= 0 || to.cpuUs < from.cpuUs || to.periods < from.periods) return noRates;
  const periods = to.periods - from.periods;
  return {
    usedCores: (to.cpuUs - from.cpuUs) / spanUs,
    throttledShare: periods > 0 ? Math.max(0, to.throttledPeriods - from.throttledPeriods) / periods : null,
  };
}

/** The known fields alone. */
function known(c: ContainerUsage): ContainerUsage {
  return {
    id: c.id,
    name: c.name,
    project: c.project,
    service: c.service,
    image: c.image,
    state: c.state,
    readAtMs: c.readAtMs,
    cpuUs: c.cpuUs,
    capCores: c.capCores,
    periods: c.periods,
    throttledPeriods: c.throttledPeriods,
    throttledUs: c.throttledUs,
    memoryBytes: c.memoryBytes,
    memoryLimitBytes: c.memoryLimitBytes,
    networkRxBytes: c.networkRxBytes,
    networkTxBytes: c.networkTxBytes,
    blockReadBytes: c.blockReadBytes,
    blockWriteBytes: c.blockWriteBytes,
  };
}

function take(record: ContainerRecord, usage: ContainerUsage): void {
  if (usage.readAtMs < record.latest.readAtMs - CLOCK_JUMP_MS) record.base = known(usage);
  else if (usage.readAtMs < record.latest.readAtMs) return;
  record.latest = known(usage);
  const { base, latest } = record;
  const again = latest.cpuUs < base.cpuUs;
  if (!again && latest.readAtMs - base.readAtMs < MIN_SPAN_MS) return;
  record.rates = ratesBetween(base, latest);
  record.base = latest;
}

export class ContainerHosts {
  readonly #hosts = new Map<string, HostRecord>();
  readonly #hostOf = new Map<string, string>();

  /** A docker-stats has connected. It takes the place of those of its host that have gone. */
  accept({ id, host: name, group }: Hello, nowMs: number): void {
    const host = this.#hosts.get(name) ?? { watchers: new Map(), containers: new Map() };
    const before = host.watchers.get(id);
    for (const [other, { live }] of host.watchers) if (!live) this.#forgetWatcher(host, other);
    const snapshot = before?.snapshot ?? null;
    host.watchers.set(id, { self: group, live: true, seenAtMs: nowMs, snapshot, listed: before?.listed ?? new Set() });
    this.#hosts.set(name, host);
    this.#hostOf.set(id, name);
  }

  update(id: string, { unavailable, hostCores, hostMemoryBytes, containers }: DockerSnapshot, nowMs: number): void {
    const host = this.#hosts.get(this.#hostOf.get(id) ?? '');
    const watcher = host?.watchers.get(id);
    if (!host || !watcher) return;
    watcher.seenAtMs = nowMs;
    watcher.snapshot = { unavailable, hostCores, hostMemoryBytes };
    watcher.listed = new Set(containers.map((container) => container.id));
    for (const usage of containers) {
      const record = host.containers.get(usage.id);
      if (record) take(record, usage);
      else host.containers.set(usage.id, { base: known(usage), latest: known(usage), rates: noRates });
    }
    forgetUnlisted(host);
  }

  /** Its connection has ended. */
  gone(id: string, nowMs: number): void {
    const watcher = this.#hosts.get(this.#hostOf.get(id) ?? '')?.watchers.get(id);
    if (!watcher) return;
    watcher.live = false;
    watcher.seenAtMs = nowMs;
    this.#forgetOld(nowMs);
  }

  #forgetWatcher(host: HostRecord, id: string): void {
    host.watchers.delete(id);
    this.#hostOf.delete(id);
  }

  /** Hosts that nobody has watched for long; beyond MAX_HOSTS those that were known first. */
  #forgetOld(nowMs: number): void {
    for (const [name, host] of this.#hosts) {
      const watchers = [...host.watchers.values()];
      if (watchers.some(({ live }) => live)) continue;
      const seenAtMs = Math.max(...watchers.map((watcher) => watcher.seenAtMs));
      if (nowMs - seenAtMs < GONE_KEPT_MS && this.#hosts.size <= MAX_HOSTS) continue;
      for (const id of host.watchers.keys()) this.#forgetWatcher(host, id);
      this.#hosts.delete(name);
    }
  }

  /** By name; a host whose watchers have not reported yet is not among them. */
  views(nowMs: number): HostView[] {
    this.#forgetOld(nowMs);
    const views = [...this.#hosts].map(([name, host]) => viewOf(name, host));
    return views.filter((view) => view !== null).sort((a, b) => compare(a.host, b.host));
  }
}

function forgetUnlisted({ watchers, containers }: HostRecord): void {
  for (const id of containers.keys()) {
    if (![...watchers.values()].some(({ listed }) => listed.has(id))) containers.delete(id);
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Of the watchers' own containers. */
function projectsOf(watchers: HostRecord['watchers'], containers: HostRecord['containers']): string[] {
  const projects = [...watchers.values()].map(({ self }) => containers.get(self)?.latest.project ?? '');
  return projects.filter((project) => project !== '');
}

/** What its watchers agree on, or else what the one says that is there and reaches the engine, or reported last. */
function viewOf(host: string, { watchers, containers }: HostRecord): HostView | null {
  const reported = [...watchers.values()].filter(({ snapshot }) => snapshot !== null);
  const merit = ({ live, snapshot }: Watcher) => (live ? 2 : 0) + (snapshot?.unavailable === null ? 1 : 0);
  const best = reported.sort((a, b) => merit(b) - merit(a) || b.seenAtMs - a.seenAtMs)[0];
  if (!best?.snapshot) return null;
  return {
    host,
    live: best.live,
    seenAtMs: best.seenAtMs,
    ...best.snapshot,
    projects: [...new Set(projectsOf(watchers, containers))].sort(compare),
    containers: [...containers.values()]
      .map(({ latest, rates }) => ({ ...latest, ...rates }))
      .sort((a, b) => compare(a.name, b.name)),
  };
}

// Reads what every part has used, before a run and after it, and makes the run's share out of the two readings.

import type { ApiView, WorkerView } from '@jobstorm/dashboard';
import { type PartMeasured, type PartUsage, sumUsage, type UsageReading, usageBetween } from '@jobstorm/loadtest';
import { epochUs, Histogram, measureUsage, type Phases } from '@jobstorm/telemetry';
import type { ChildPart } from './child-part.ts';
import type { Cluster } from './cluster.ts';

/** Everybody's account at one moment. */
export interface Readings {
  generator: UsageReading;
  server: UsageReading | undefined;
  api: UsageReading | undefined;
  /** What the api-service had recorded so far. */
  apiPhases: Phases;
  /** The process that looks after the run's own worker processes. */
  supervisor: UsageReading | undefined;
  /** By the id of the worker process. */
  workers: ReadonlyMap<string, WorkerReading>;
}

export interface WorkerReading extends UsageReading {
  view: WorkerView;
}

async function ofChild(part: ChildPart | null): Promise<UsageReading | undefined> {
  const usage = await part?.usage();
  return usage ? { usage, atUs: epochUs() } : undefined;
}

/** The api-service that jobs go through, in the control room: this run's own by its pid, else the only one there. */
async function apiView(cluster: Cluster): Promise<ApiView | undefined> {
  if (cluster.apiUrl === null) return undefined;
  const views = await cluster.room.apis();
  if (cluster.api) return views.find(({ hello }) => hello.pid === cluster.api!.pid);
  return views.length === 1 ? views[0] : undefined;
}

/** Asks all of them now. */
export async function takeReadings(cluster: Cluster): Promise<Readings> {
  const generator = { usage: measureUsage(), atUs: epochUs() };
  const [server, ownApi, supervisor] = await Promise.all([
    ofChild(cluster.server),
    ofChild(cluster.api),
    ofChild(cluster.worker),
    cluster.room.poll(),
  ]);
  const [views, api] = await Promise.all([cluster.room.workers(), apiView(cluster)]);
  return {
    generator,
    server,
    api: ownApi ?? (api && { usage: api.state.usage, atUs: api.state.sentAtUs }),
    apiPhases: api?.phases ?? {},
    supervisor,
    workers: new Map(views.map((view) => [view.id, { view, usage: view.state.usage, atUs: view.state.sentAtUs }])),
  };
}

/** Cores that workers may use together: a cap belongs to the whole worker, however many processes it has. */
export function capOf(views: readonly WorkerView[]): number | null {
  const caps = new Map(views.map(({ hello }) => [hello.group, hello.capCores]));
  let sum = 0;
  for (const cap of caps.values()) {
    if (cap === null) return null;
    sum += cap;
  }
  return caps.size > 0 ? sum : null;
}

function workersMeasured(before: Readings, after: Readings): PartMeasured {
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
  };
}

/** What each part used between the readings. */
export function partsMeasured(cluster: Cluster, before: Readings, after: Readings, serverName: string) {
  const server: PartMeasured = {
    usage: usageBetween(before.server, after.server),
    capCores: cluster.server ? 1 : null,
    reason: cluster.server
      ? 'the server ended before it could be asked'
      : `${serverName} was not started by this run, and nothing here can see its CPU`,
  };
  const api: PartMeasured = {
    usage: usageBetween(before.api, after.api),
    capCores: cluster.apiUrl === null ? null : 1,
    reason:
      cluster.apiUrl === null
        ? 'jobs went to the server without an api-service'
        : 'the api-service does not report to this control room',
  };
  const generator = { usage: usageBetween(before.generator, after.generator), capCores: 1 };
  return { generator, api, server, workers: workersMeasured(before, after) };
}

/** The api-service's phases of this run alone. */
export function apiPhasesBetween(before: Readings, after: Readings): Partial<Record<'batchWait' | 'push', Histogram>> {
  const phases: Partial<Record<'batchWait' | 'push', Histogram>> = {};
  for (const phase of ['batchWait', 'push'] as const) {
    const end = after.apiPhases[phase];
    if (!end) continue;
    const start = before.apiPhases[phase];
    const whole = Histogram.fromJSON(end);
    phases[phase] = start ? whole.since(Histogram.fromJSON(start)) : whole;
  }
  return phases;
}

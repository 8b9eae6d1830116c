// Reads what every part has used, by its own account, before a run and after it.

import type { ApiView, WorkerView } from '@jobstorm/dashboard';
import type { Joined, UsageReading } from '@jobstorm/loadtest';
import { Cgroup, type CgroupUsage, epochUs, Histogram, measureUsage, type Phases } from '@jobstorm/telemetry';
import type { ChildPart } from './child-part.ts';
import type { Cluster } from './cluster.ts';

/** Everybody's account at one moment. */
export interface Readings {
  generator: UsageReading;
  /** What the control group of this process grants it; null, or not set: nothing limits it. */
  generatorGroup?: CgroupUsage | null;
  /** Of the processes that send for this one. */
  generators?: readonly (UsageReading | undefined)[];
  server: UsageReading | undefined;
  api: UsageReading | undefined;
  /** Host of the api-service, as it calls itself; null: it does not report. */
  apiHost: string | null;
  /** Its settings, as it told them when they were changed last; null: nobody has changed any. */
  apiSettings?: object | null;
  /** PUSHBs that the api-service had sent so far; null, or not set: it does not report. */
  apiPushes?: number | null;
  /** What the api-service had recorded so far. */
  apiPhases: Phases;
  /** The process that looks after the run's own worker processes. */
  supervisor: UsageReading | undefined;
  /** How long the control room took to say who is there. */
  roomAnswerMs: number;
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
export async function apiView(cluster: Cluster): Promise<ApiView | undefined> {
  if (cluster.apiUrl === null) return undefined;
  const views = await cluster.room.apis();
  if (cluster.api) return views.find(({ hello }) => hello.pid === cluster.api!.pid);
  return views.length === 1 ? views[0] : undefined;
}

/** Asks all of them now. */
export async function takeReadings(cluster: Cluster): Promise<Readings> {
  const generator = { usage: measureUsage(), atUs: epochUs() };
  const generatorGroup = new Cgroup().usage();
  const [generators, server, ownApi, supervisor] = await Promise.all([
    Promise.all((cluster.generators ?? []).map(ofChild)),
    ofChild(cluster.server),
    ofChild(cluster.api),
    ofChild(cluster.worker),
    cluster.room.poll(),
  ]);
  const askedMs = performance.now();
  const [views, api] = await Promise.all([cluster.room.workers(), apiView(cluster)]);
  const roomAnswerMs = performance.now() - askedMs;
  return {
    generator,
    generatorGroup,
    generators,
    server,
    api: ownApi ?? (api && { usage: api.state.usage, atUs: api.state.sentAtUs }),
    apiHost: api?.hello.host ?? null,
    apiSettings: api?.settings ?? null,
    apiPushes: api?.state.totals.batches ?? null,
    apiPhases: api?.phases ?? {},
    supervisor,
    roomAnswerMs,
    workers: new Map(views.map((view) => [view.id, { view, usage: view.state.usage, atUs: view.state.sentAtUs }])),
  };
}

/**
 * By how much a worker's clock is at least ahead of this one's: a snapshot that seems to have come before it was sent. Only a control
 * room in this process stamps arrivals with this clock; null: there is none, or no worker.
 */
export function clockAheadMs({ control }: Cluster, all: readonly Readings[]): number | null {
  if (!control.own) return null;
  const ahead = all.flatMap(({ workers }) =>
    [...workers.values()].map(({ view }) => view.state.sentAtUs / 1000 - view.seenAtMs),
  );
  return ahead.length === 0 ? null : Math.max(0, ...ahead);
}

const apiPhases = ['accept', 'batchWait', 'push'] as const;
type ApiPhases = Partial<Record<(typeof apiPhases)[number], Histogram>>;

/** The api-service's phases of this run alone. */
export function apiPhasesBetween(before: Readings, after: Readings): ApiPhases {
  const phases: ApiPhases = {};
  for (const phase of apiPhases) {
    const end = after.apiPhases[phase];
    if (!end) continue;
    const start = before.apiPhases[phase];
    const whole = Histogram.fromJSON(end);
    phases[phase] = start ? whole.since(Histogram.fromJSON(start)) : whole;
  }
  return phases;
}

/** What the api-service joined meanwhile; null: it does not report, or has begun anew. */
export function joinedBetween(before: Readings, after: Readings): Joined | null {
  const { push } = apiPhasesBetween(before, after);
  const [from, to] = [before.apiPushes ?? null, after.apiPushes ?? null];
  return push && from !== null && to !== null && to >= from ? { jobs: push.count, pushes: to - from } : null;
}

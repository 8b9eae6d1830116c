// Starts the worker in a container, in place of one that runs, and follows its log until it fetches jobs or says why it can't. What
// sends the host's container figures starts after it: nothing may hold up the worker.

import { hostname } from 'node:os';
import { isLoopback } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import type { WorkerPlan, WorkerUp } from '../engine.ts';
import { type ComposeConfig, cpuLimit } from './caps.ts';
import { ComposeProject } from './compose.ts';
import { projectLabel, serviceLabel } from './containers.ts';
import type { DockerContext } from './context.ts';
import { buildImages, commitOf, deleteReplaced, findStale } from './images.ts';
import { rollContainers } from './rolling.ts';
import { socketGroup } from './socket-group.ts';
import { sourceHash } from './sources.ts';
import { addressFromInside, explainFailure, hostFromInside, memoryHint, WorkerLog } from './worker-log.ts';

const worker = 'worker-service';
const statsSender = 'docker-stats';
const readyWithinMs = 60_000;

function variables(plan: WorkerPlan, inside: string, source: string, commit: string): Record<string, string> {
  const control = new URL(plan.control);
  if (isLoopback(control.hostname)) control.hostname = hostFromInside;
  return {
    FAKTORY_SERVER_IP: inside,
    FAKTORY_PASSWORD: plan.password ?? '',
    JOBSTORM_TOKEN: plan.token ?? '',
    JOBSTORM_CONTROL: control.href.replace(/\/$/, ''),
    JOBSTORM_HOST: plan.env.JOBSTORM_HOST || hostname(),
    JOBSTORM_SOURCE: source,
    JOBSTORM_COMMIT: commit,
    DOCKER_GID: plan.env.DOCKER_GID || String(socketGroup(plan.env)),
    ...(plan.concurrency !== null && { WORKER_CONCURRENCY: String(plan.concurrency) }),
    ...(plan.cpus !== null && { WORKER_CPUS: String(plan.cpus) }),
  };
}

/** The worker's memory limit in bytes; 0: none. */
function memoryLimit(config: ComposeConfig): number {
  return Number(config.services?.[worker]?.deploy?.resources?.limits?.memory ?? 0);
}

/** What the worker was started with, after interpolation and caps. */
export function settingsInForce(config: ComposeConfig, hostCpus: number, server: string): string {
  const service = config.services?.[worker] ?? {};
  const limit = cpuLimit(service);
  const memory = memoryLimit(config);
  const parts = [`${service.environment?.WORKER_CONCURRENCY ?? '2000'} slots`];
  parts.push(limit === null ? 'no CPU limit' : `${Math.min(limit, hostCpus)} CPUs`);
  if (memory > 0) parts.push(`${Math.round(memory / 1024 ** 2)} MiB`);
  const replicas = service.deploy?.replicas ?? 1;
  return `worker: ${replicas > 1 ? `${replicas} containers, each ` : ''}${parts.join(', ')}, job server ${server}`;
}

interface Followed {
  /** ISO 8601: what it said before belongs to an earlier start; null: all counts. */
  since: string | null;
  explain: (failure: string) => string;
}

/** Settles when the container's worker fetches jobs. @throws JobstormError EWORKER with its own reason */
async function followUntilReady({ cli }: DockerContext, id: string, { since, explain }: Followed): Promise<void> {
  const log = new WorkerLog();
  let late = false;
  const followed = cli.follow(['logs', '--follow', ...(since === null ? [] : ['--since', since]), id], (line) => {
    log.hear(line);
    if (log.ready) followed.stop();
  });
  const timer = setTimeout(() => {
    late = true;
    followed.stop();
  }, readyWithinMs);
  await followed.ended;
  clearTimeout(timer);
  if (log.ready) return;
  const failure = late
    ? `it does not fetch after ${readyWithinMs / 1000} s; the last that it said: ${log.failure}`
    : log.failure;
  throw new JobstormError('EWORKER', explain(failure));
}

/** The containers of the worker. */
async function workerIds({ cli }: DockerContext, project: string, which: '-q' | '-aq' = '-aq'): Promise<string[]> {
  const filters = [`label=${projectLabel}=${project}`, `label=${serviceLabel}=${worker}`];
  const text = await cli.read(['ps', which, '--no-trunc', ...filters.flatMap((filter) => ['--filter', filter])]);
  return text.split('\n').filter((id) => id !== '');
}

/** Resolves with false when it ran already, with these settings. */
async function startWorker(
  context: DockerContext,
  project: ComposeProject,
  explain: (failure: string) => string,
): Promise<boolean> {
  const { live } = context;
  const since = new Date().toISOString();
  let isNew = false;
  const onLine = (line: string) => {
    if (/Container .* Start/.test(line)) isNew = true;
    if (/Container .* (Recreate|Stopping)/.test(line)) {
      live.doing('the worker that runs finishes its jobs and gives way');
    }
  };
  await project.up([worker], { onLine });
  live.doing('waiting for the worker to fetch jobs');
  const ids = await workerIds(context, project.name);
  try {
    await Promise.all(ids.map((id) => followUntilReady(context, id, { since: isNew ? since : null, explain })));
  } catch (error) {
    // It would start and fail over and over.
    await project.run(['rm', '--stop', '--force', worker]);
    throw error;
  }
  return isNew;
}

export async function upWorker(context: DockerContext, plan: WorkerPlan): Promise<WorkerUp> {
  const { cli, dir, live, hostCpus } = context;
  const inside = addressFromInside(plan);
  const source = sourceHash(dir, plan.env.NODE_IMAGE ?? '');
  const project = new ComposeProject(cli, dir, 'worker', variables(plan, inside, source, await commitOf(dir)));
  const [config, stale] = await Promise.all([
    project.config(),
    findStale(cli, project.name, [worker, statsSender], source),
  ]);
  if (stale.length > 0) await buildImages(project, stale, live);
  const caps = project.cap(config, hostCpus);
  live.doing('starting the worker');
  const explain = (failure: string) =>
    explainFailure(failure, inside, plan.host, plan.port) + memoryHint(failure, memoryLimit(config));
  const running = () => workerIds(context, project.name, '-q');
  let isNew = true;
  if (plan.rolling && (await running()).length > 0) {
    const ready = (id: string) => followUntilReady(context, id, { since: null, explain });
    await rollContainers(context, { project, service: worker, running, ready });
  } else isNew = await startWorker(context, project, explain);
  live.clear();
  const lines = [...caps.lines, settingsInForce(config, hostCpus, inside)];
  if (!isNew) lines.push('it ran already with these settings, and goes on');
  return { lines, rest: startRest(context, project, stale.length > 0) };
}

/** Without the sender the dashboard shows this host's worker and not its containers, which is no reason to fail. */
async function startRest({ cli }: DockerContext, project: ComposeProject, rebuilt: boolean): Promise<string[]> {
  try {
    await Promise.all([project.up([statsSender]), rebuilt && deleteReplaced(cli, project.name)]);
    return [];
  } catch (error) {
    return [`the sender of container figures did not start: ${(error as Error).message}`];
  }
}

// The worker that a run starts for itself: with which settings, until it works, and its end. A run may hold it back until its jobs are
// queued, or have others in its place.

import type { Room } from '@jobstorm/dashboard';
import { mixQueues } from '@jobstorm/loadtest';
import { type Client, formatServerUrl, JobstormError, type ServerAddress } from '@jobstorm/protocol';
import type { ChildPart } from './child-part.ts';
import type { PerfTestConfig } from './config.ts';
import type { ControlLink } from './control.ts';
import { wakeUntil } from './fetch-waker.ts';
import { blankEnv } from './local-server.ts';
import type { Nest } from './nest.ts';

const workerWithinMs = 10_000;
/** A worker lets jobs finish for 25 s and then hands them back. */
export const workerGraceMs = 45_000;

/** What a cluster is made with. */
export interface Boot {
  config: PerfTestConfig;
  nest: Nest;
  notes: string[];
  control: ControlLink;
  address: ServerAddress;
  bearer: string | null;
  seesServer: boolean;
}

/** A cluster's own worker, and what can be done about it. */
export interface WorkerControls {
  /** null: it was not started (yet), or somebody else's are used. */
  worker: ChildPart | null;
  /** Starts another one; settles when it works. */
  startWorker(): Promise<ChildPart>;
  /** Starts it, where a run held it back. @throws JobstormError when it can't start */
  release(): Promise<void>;
  /** Ends it, if there is one, until `release`. */
  hold(): Promise<void>;
  /**
   * Ends it and starts one with these settings in its place.
   * @throws JobstormError EWORKER when the workers are somebody else's, or the new one does not start
   */
  replace(config: PerfTestConfig): Promise<void>;
}

/** What parts of its own need to talk to the job server, and to a control room that was found. */
export function envOf({ config, address, control }: Boot): Record<string, string> {
  const token = control.own ? '' : (config.values.token ?? '');
  return { ...blankEnv, FAKTORY_URL: formatServerUrl(address), JOBSTORM_TOKEN: token };
}

/** What a worker of its own fetches from. */
function queuesOf({ scenario, values }: PerfTestConfig): string[] {
  return scenario ? mixQueues(scenario.kinds, values.queue) : [values.queue];
}

function startWorker(boot: Boot): Promise<ChildPart> {
  const { config, nest, control } = boot;
  const { concurrency, engine } = config.values;
  const { args: moreArgs = [], env: moreEnv = {} } = config.ownWorker ?? {};
  const names = queuesOf(config);
  // With weights none of several waits until another one is empty.
  const queues = names.length === 1 ? names[0]! : names.map((name) => `${name}:1`).join(',');
  const env = { ...envOf(boot), ...moreEnv };
  const cpus = String(config.workerCpus);
  const args = [String(concurrency), cpus, '--engine', engine, '--queues', queues, '--control', control.url];
  return nest.start('worker', [...args, ...moreArgs], env);
}

/** A worker of the run's own: now, or when the run releases it. */
export async function ownWorker(boot: Boot): Promise<ChildPart> {
  const worker = await startWorker(boot);
  await workerReady(boot.control.room, worker);
  return worker;
}

/** Waits until a worker is registered with the job server, so that the run does not measure its start. */
async function workerReady(room: Room, started: ChildPart): Promise<void> {
  const untilMs = performance.now() + workerWithinMs;
  for (;;) {
    const { processes } = (await started.ready) as { processes?: number };
    const workers = await room.workers();
    if (workers.filter(({ state }) => state.connected).length >= (processes ?? 1)) return;
    if (started.unexpectedEnd) throw new JobstormError('EWORKER', started.unexpectedEnd);
    if (performance.now() > untilMs) {
      throw new JobstormError(
        'EWORKER',
        `the worker did not report to the control room within ${workerWithinMs / 1000} s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    await room.poll();
  }
}

/** Ends those that run, soon: they are not left to wait for jobs that they have asked for. */
export async function stopWorkers({ config, nest, control }: Boot, client: Client): Promise<void> {
  const running = nest.parts.filter(({ name, isRunning }) => name === 'worker' && isRunning);
  const ended = Promise.all(running.map((worker) => worker.stop(workerGraceMs)));
  // The other engine leaves before its FETCHes are answered; one that a command starts in a way of its own may not know these jobs.
  if (running.length === 0 || config.values.engine !== 'pipelined' || config.ownWorker) await ended;
  else await nest.finish(wakeUntil(ended, { client, queue: queuesOf(config)[0]!, room: control.room }));
}

/** Settles when none is left, in the control room neither. */
async function endWorkers(boot: Boot, client: Client): Promise<void> {
  await stopWorkers(boot, client);
  const { room } = boot.control;
  while ((await room.workers()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The cluster with what can be done about its worker. */
export function withWorker<C extends { worker: ChildPart | null; client: Client }>(
  boot: Boot,
  cluster: C,
): C & WorkerControls {
  let inForce = boot;
  const whole: C & WorkerControls = {
    ...cluster,
    startWorker: () => startWorker(inForce),
    async release() {
      whole.worker ??= await ownWorker(inForce);
    },
    async hold() {
      if (whole.worker) await endWorkers(inForce, cluster.client);
      whole.worker = null;
    },
    async replace(config) {
      if (!whole.worker) {
        throw new JobstormError(
          'EWORKER',
          '--against changes the worker, but the workers of this cluster run already and are kept as they are',
        );
      }
      await whole.hold();
      inForce = { ...inForce, config };
      await whole.release();
    },
  };
  return whole;
}

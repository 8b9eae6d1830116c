// Who can put another worker in place of the one that runs, which is the way to other CPUs: the run that started it, or on the worker's
// own host the engine of the checkout that it is of (a container is recreated, a plain process started anew). Invariant: a worker that is
// not surely the one that is tuned is left alone.

import { hostname } from 'node:os';
import type { WorkerView } from '@jobstorm/dashboard';
import type { Setting } from '@jobstorm/loadtest';
import { loadDotEnv, readSettings } from '@jobstorm/program';
import type { Cluster } from '../cluster.ts';
import type { PerfTestConfig } from '../config.ts';
import { readCurrent } from '../current.ts';
import { wakeUntil } from '../fetch-waker.ts';
import { hostAddresses } from '../operate/addresses.ts';
import { findCheckout } from '../operate/checkout.ts';
import { upWorkerSettings } from '../operate/config.ts';
import type { Engine } from '../operate/engine.ts';
import { LiveLine } from '../operate/live-line.ts';
import { openEngine } from '../operate/open-engine.ts';
import { untilWorkerSeen } from '../operate/seen-by-room.ts';
import { tokenFor } from '../operate/up-worker.ts';
import { findTarget } from '../operate/worker-target.ts';
import type { Errand } from '../run-command.ts';

export interface WorkerHand {
  /** The cap that its worker has now, in cores. */
  readonly cpus: number;
  /** For people. */
  readonly note: string | null;
  /** The worker has ended by itself, and nobody starts it again. */
  isGone(): boolean;
  /** Settles when a worker with these slots and CPUs works in its place, known to the control room. @throws JobstormError */
  replace(setting: Pick<Setting, 'slots' | 'cpus'>): Promise<void>;
}

/** Over a worker that the run has started for itself. */
export function ownHand(cluster: Cluster, config: PerfTestConfig): WorkerHand {
  let cpus = config.workerCpus;
  return {
    get cpus() {
      return cpus;
    },
    note: null,
    isGone: () => cluster.worker?.unexpectedEnd != null,
    async replace(setting) {
      const values = { ...config.values, concurrency: setting.slots, cpus: setting.cpus };
      await cluster.replace({ ...config, values, workerCpus: setting.cpus });
      cpus = setting.cpus;
    },
  };
}

/** The one worker that all processes belong to, on this host; null: there are several, or it is elsewhere. */
function onlyWorkerHere(workers: readonly WorkerView[], hostName: string | null): WorkerView | null {
  const groups = new Set(workers.map(({ hello }) => hello.group));
  const [first] = workers;
  return first && groups.size === 1 && [hostname(), hostName].includes(first.hello.host) ? first : null;
}

async function runsOneWorker(engine: Engine): Promise<boolean> {
  const parts = (await engine.status()).filter(({ part, state }) => part === 'worker' && state === 'running');
  return parts.length === 1;
}

/** What `just worker` in this checkout would do, with other slots and CPUs. */
function checkoutHand(errand: Errand, dir: string, env: ReturnType<typeof loadDotEnv>, engine: Engine, cpus: number) {
  const { cluster, config } = errand;
  const values = readSettings(upWorkerSettings, [], env);
  const ownHosts = new Set([...hostAddresses().map(({ address }) => address), hostname()]);
  const target = findTarget(values, readCurrent(dir), ownHosts);
  let inForce = cpus;
  const hand: WorkerHand = {
    get cpus() {
      return inForce;
    },
    note: `the worker of this checkout is started anew for other CPUs (${engine.kind === 'docker' ? 'its container' : 'its process'})`,
    isGone: () => false, // the engine starts it again
    async replace(setting) {
      const { password } = cluster.address;
      const { client, room } = cluster;
      const before = new Set((await room.workers()).map(({ hello }) => hello.group));
      const another = engine.upWorker({
        ...target.address,
        password,
        token: tokenFor(target, { values, env }),
        concurrency: setting.slots,
        cpus: setting.cpus,
        control: target.control,
        rolling: false,
        env,
      });
      await wakeUntil(another, { client, queue: config.values.queue, room });
      await untilWorkerSeen(room, ({ hello }) => !before.has(hello.group));
      inForce = setting.cpus;
    },
  };
  return { hand, target };
}

/** The hand over somebody else's worker; null: there is none, and CPUs stay as they are. Never rejects. */
export async function handFor(errand: Errand): Promise<WorkerHand | null> {
  const { cluster, config } = errand;
  if (cluster.worker) return ownHand(cluster, config);
  try {
    const worker = onlyWorkerHere(await cluster.room.workers(), config.values.hostName);
    if (!worker) return null;
    const dir = findCheckout();
    const env = loadDotEnv(process.env, dir);
    const asked = readSettings(upWorkerSettings, [], env).engine;
    const engine = await openEngine({ asked, dir, env, live: new LiveLine({ ...errand.terminal, write: () => {} }) });
    if (!(await runsOneWorker(engine))) return null;
    const { hand, target } = checkoutHand(errand, dir, env, engine, worker.hello.capCores ?? 1);
    return target.address.port === cluster.address.port ? hand : null;
  } catch {
    return null;
  }
}

// The cluster that a run is on: found at a named server, or booted for the run, or some of each.
//
//   named server? ──no──▶ own control room ─▶ own server-node ─▶ own api-service + own worker
//        │yes
//        ▼
//   does it answer? ─▶ api at :3000, control room at :7460? each used if it is jobstorm's, else one of its own is started;
//                      workers seen in that control room are used, and only when there is none is one started
//
// Invariant: a server that was named is never flushed, and nothing that was found running is ever ended.

import type { Room } from '@jobstorm/dashboard';
import { Client, formatServerUrl, JobstormError, parseServerUrl, type ServerAddress } from '@jobstorm/protocol';
import type { ChildPart } from './child-part.ts';
import type { PerfTestConfig } from './config.ts';
import { type ControlLink, openControl } from './control.ts';
import { askHealth, servesPort } from './health.ts';
import { blankEnv } from './local-server.ts';
import type { Nest } from './nest.ts';

export interface Cluster {
  address: ServerAddress;
  client: Client;
  control: ControlLink;
  room: Room;
  /** null: jobs go to the server without one. */
  apiUrl: string | null;
  /** Parts of this run's own; null: somebody else's is used. */
  server: ChildPart | null;
  api: ChildPart | null;
  worker: ChildPart | null;
  nest: Nest;
  /** What was found or started, for people, a line each. */
  notes: string[];
  /** Ends what was started. `tell` hears when that takes a while. */
  close(tell: (line: string) => void): Promise<void>;
}

const connectTimeoutMs = 3500;
const workerWithinMs = 10_000;
/** A worker lets jobs finish for 25 s and then hands them back. */
const workerGraceMs = 45_000;
const localGraceMs = 5000;
/** Parts of a local cluster whose server is gone have nothing left to save. */
const serverlessGraceMs = 500;

interface Boot {
  config: PerfTestConfig;
  nest: Nest;
  notes: string[];
  control: ControlLink;
  address: ServerAddress;
}

function startApi({ nest, address, control }: Boot): Promise<ChildPart> {
  const env = { ...blankEnv, FAKTORY_URL: formatServerUrl(address) };
  return nest.start('api', ['--listen', '127.0.0.1:0', '--control', control.url], env);
}

function startWorker({ config, nest, address, control }: Boot): Promise<ChildPart> {
  const { concurrency, engine, queue, token } = config.values;
  const env = { ...blankEnv, FAKTORY_URL: formatServerUrl(address), JOBSTORM_TOKEN: control.own ? '' : (token ?? '') };
  const cpus = String(config.workerCpus);
  const args = [String(concurrency), cpus, '--engine', engine, '--queues', queue, '--control', control.url];
  return nest.start('worker', args, env);
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

async function bootLocal(config: PerfTestConfig, nest: Nest, starting: Promise<ChildPart>): Promise<Cluster> {
  const control = await openControl(null, null);
  let client: Client | null = null;
  try {
    const server = await starting;
    const address = parseServerUrl(String((await server.ready).url));
    const boot: Boot = { config, nest, notes: [], control, address };
    client = await Client.connect({ address, connectTimeoutMs });
    const [api, worker] = await Promise.all([config.via === 'direct' ? null : startApi(boot), startWorker(boot)]);
    await workerReady(control.room, worker);
    const apiUrl = api ? String((await api.ready).url) : null;
    const infoClient = client;
    const close = async () => {
      await infoClient.close();
      await nest.stopTogether(localGraceMs, serverlessGraceMs);
      await control.close();
    };
    return {
      address,
      client,
      control,
      room: control.room,
      apiUrl,
      server,
      api,
      worker,
      nest,
      notes: boot.notes,
      close,
    };
  } catch (error) {
    await client?.close();
    await control.close();
    throw error;
  }
}

/** The control room to use: the one named, the one at the server's host, else one of its own. */
async function findControl(config: PerfTestConfig, address: ServerAddress, notes: string[]): Promise<ControlLink> {
  const { control, token } = config.values;
  const origin = control ?? httpAt(address.host, 7460);
  const health = await askHealth(origin, 'dashboard');
  if (health && (control !== null || servesPort(health.jobServer, address.port))) {
    notes.push(`control room: the one at ${origin}`);
    return openControl(origin, token);
  }
  if (control !== null) {
    throw new JobstormError('ECONTROL', `no control room of jobstorm answers at ${origin}: check --control`);
  }
  return openControl(null, null);
}

function httpAt(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The api-service to use; null: start one. */
async function findApi(config: PerfTestConfig, address: ServerAddress, notes: string[]): Promise<string | null> {
  const { api } = config.values;
  const origin = api ?? httpAt(address.host, 3000);
  const health = await askHealth(origin, 'api');
  if (health && (api !== null || servesPort(health.jobServer, address.port))) {
    notes.push(`api-service: the one at ${origin}`);
    return origin;
  }
  if (api !== null) throw new JobstormError('EAPI', `no api-service of jobstorm answers at ${origin}: check --api`);
  return null;
}

async function joinNamed(config: PerfTestConfig, nest: Nest, address: ServerAddress): Promise<Cluster> {
  const notes: string[] = [];
  const client = await Client.connect({ address, connectTimeoutMs });
  try {
    const [control, foundApi] = await Promise.all([
      findControl(config, address, notes),
      config.via === 'direct' ? null : findApi(config, address, notes),
    ]);
    const boot: Boot = { config, nest, notes, control, address };
    try {
      return await fillIn(boot, client, foundApi);
    } catch (error) {
      await control.close();
      throw error;
    }
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** Starts what was not found. */
async function fillIn(boot: Boot, client: Client, foundApi: string | null): Promise<Cluster> {
  const { config, nest, notes, control, address } = boot;
  const seen = (await control.room.workers()).filter(({ state }) => state.connected && state.state === 'running');
  const [api, worker] = await Promise.all([
    foundApi === null && config.via !== 'direct' ? startApi(boot) : null,
    seen.length === 0 ? startWorker(boot) : null,
  ]);
  if (worker) {
    await workerReady(control.room, worker);
    notes.push(`worker: one of its own, ${config.values.concurrency} slots`);
  } else {
    const slots = seen.reduce((sum, { state }) => sum + state.slots.total, 0);
    const processes = seen.length === 1 ? '1 process' : `${seen.length} processes`;
    notes.push(`workers: ${processes} seen there, ${slots} slots (--concurrency, --cpus and --engine are not theirs)`);
  }
  if (api) notes.push('api-service: one of its own');
  const close = async (tell: (line: string) => void) => {
    await client.close();
    const timer = setTimeout(() => tell('waiting for the worker to give back what it holds on the server'), 500);
    await nest.stop(workerGraceMs);
    clearTimeout(timer);
    await control.close();
  };
  const apiUrl = api ? String((await api.ready).url) : foundApi;
  return { address, client, control, room: control.room, apiUrl, server: null, api, worker, nest, notes, close };
}

/**
 * Boots or joins the cluster of a run. What it started is in `nest`, also when it fails.
 * @param starting the server of a local cluster, see `startLocalServer`; null: join the named server
 * @throws JobstormError saying what is not there and what to check
 */
export function openCluster(config: PerfTestConfig, nest: Nest, starting: Promise<ChildPart> | null): Promise<Cluster> {
  return starting ? bootLocal(config, nest, starting) : joinNamed(config, nest, config.server!);
}

// The cluster that a run is on: found at a named server, or booted for the run, or some of each.
//
//   named server? ──no──▶ own control room ─▶ own server-node ─▶ own api-service + own worker
//        │yes
//        ▼
//   does it answer? ─▶ api and control room: as told, as noted in .jobstorm/current, or at :3000 and :7460 of that host; each used
//                      if it is jobstorm's, else one of its own is started; workers seen in that control room are used, and only
//                      when there is none is one started
//
// Invariant: a server that was named is never flushed, and nothing that was found running is ever ended. A part that was found and
// turns this command away is an error, and none of its own takes its place.

import type { Room } from '@jobstorm/dashboard';
import { bearerToken } from '@jobstorm/program';
import { Client, describeAddress, JobstormError, parseServerUrl, type ServerAddress } from '@jobstorm/protocol';
import type { ChildPart } from './child-part.ts';
import type { PerfTestConfig } from './config.ts';
import { type ControlLink, joinControl, startOwnControl, startShownControl } from './control.ts';
import { askHealth, type Health, servesPort } from './health.ts';
import type { Nest } from './nest.ts';
import {
  type Boot,
  envOf,
  ownWorker,
  stopWorkers,
  type WorkerControls,
  withWorker,
  workerGraceMs,
} from './own-worker.ts';
import { isThisHost } from './this-host.ts';
import { checkApiToken, type Secrets } from './token-check.ts';

export interface Cluster extends WorkerControls {
  address: ServerAddress;
  client: Client;
  control: ControlLink;
  room: Room;
  /** null: jobs go to the server without one. */
  apiUrl: string | null;
  /** Shown to the api-service; null: nothing is. */
  bearer: string | null;
  /** The control room is one of this job server's cluster, so that a server that it sees there is this one. */
  seesServer: boolean;
  /** Compose project of the server side; null: not known. */
  serverProject: string | null;
  /** Parts of this run's own; null: somebody else's is used. */
  server: ChildPart | null;
  api: ChildPart | null;
  /** Processes that send this run's jobs, where this one does not by itself. */
  generators?: readonly ChildPart[];
  nest: Nest;
  /** What was found or started, for people, a line each. */
  notes: string[];
  /** Ends what was started. `tell` hears when that takes a while. */
  close(tell: (line: string) => void): Promise<void>;
}

const connectTimeoutMs = 3500;
const localGraceMs = 5000;
/** Parts of a local cluster whose server is gone have nothing left to save. */
const serverlessGraceMs = 500;

function startApi(boot: Boot): Promise<ChildPart> {
  const { nest, control } = boot;
  const env = envOf(boot);
  return nest.start('api', ['--listen', '127.0.0.1:0', '--control', control.url], env);
}

/** A control room of its own. */
function ownControl({ shownRoom }: PerfTestConfig, address: ServerAddress): Promise<ControlLink> {
  return shownRoom ? startShownControl(shownRoom, address) : startOwnControl();
}

async function bootLocal(config: PerfTestConfig, nest: Nest, starting: Promise<ChildPart>): Promise<Cluster> {
  const server = await starting;
  const address = parseServerUrl(String((await server.ready).url));
  const control = await ownControl(config, address);
  let client: Client | null = null;
  try {
    const notes = [...control.notes];
    const boot: Boot = { config, nest, notes, control, address, bearer: null, seesServer: false };
    client = await Client.connect({ address, connectTimeoutMs });
    const [api, worker] = await Promise.all([
      config.via === 'direct' ? null : startApi(boot),
      config.load.held ? null : ownWorker(boot),
    ]);
    const apiUrl = api ? String((await api.ready).url) : null;
    const infoClient = client;
    const close = async () => {
      await infoClient.close();
      await nest.stopTogether(localGraceMs, serverlessGraceMs);
      await control.close();
    };
    return withWorker(boot, {
      address,
      client,
      control,
      room: control.room,
      apiUrl,
      bearer: null,
      seesServer: false,
      serverProject: null,
      server,
      api,
      worker,
      nest,
      notes: boot.notes,
      close,
    });
  } catch (error) {
    await client?.close();
    await control.close();
    throw error;
  }
}

function httpAt(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

interface Place {
  origin: string;
  /** Whether a part that answers there is the right one. */
  fits(health: Health): boolean;
}

/** The first place where that part of jobstorm answers. */
async function findPart(part: string, places: readonly Place[]): Promise<{ origin: string; health: Health } | null> {
  for (const { origin, fits } of places) {
    const health = await askHealth(origin, part);
    if (health && fits(health)) return { origin, health };
  }
  return null;
}

/** Where a server's part may be: as noted when it was started, or at its usual port. */
function placesOf(address: ServerAddress, noted: string | null, port: number): Place[] {
  const usual: Place = {
    origin: httpAt(address.host, port),
    fits: ({ jobServer }) => servesPort(jobServer, address.port),
  };
  return noted === null || noted === usual.origin ? [usual] : [{ origin: noted, fits: () => true }, usual];
}

type FoundControl = Pick<Boot, 'control' | 'seesServer'>;

/** Any control room will do that is named; only one on the server's host is of its cluster, or one here that knows it by the same name. */
function isOfServer(origin: string, { jobServer }: Health, address: ServerAddress): boolean {
  const { host, port } = address;
  const at = new URL(origin).hostname.replace(/^\[|\]$/g, '');
  if (isThisHost(at) && jobServer?.address === describeAddress(address)) return true;
  return servesPort(jobServer, port) && (at === host || (isThisHost(at) && isThisHost(host)));
}

/** The control room to use: the one named, the one of the server's cluster, else one of its own. @throws JobstormError */
async function findControl(boot: Omit<Boot, keyof FoundControl>, secrets: Secrets): Promise<FoundControl> {
  const { config, address, bearer, notes } = boot;
  const { control: given } = config.values;
  const places = given === null ? placesOf(address, config.noted.control, 7460) : [{ origin: given, fits: () => true }];
  const found = await findPart('dashboard', places);
  if (!found) {
    if (given === null) {
      const control = await ownControl(config, address);
      notes.push(...control.notes);
      return { control, seesServer: false };
    }
    throw new JobstormError('ECONTROL', `no control room of jobstorm answers at ${given}: check --control`);
  }
  const { origin, health } = found;
  notes.push(`control room: the one at ${origin}`);
  const seesServer = given === null || origin === config.noted.control || isOfServer(origin, health, address);
  return { control: await joinControl(origin, bearer, secrets), seesServer };
}

/** The api-service to use; null: start one. @throws JobstormError */
async function findApi(boot: Omit<Boot, keyof FoundControl>, secrets: Secrets): Promise<string | null> {
  const { config, address, bearer, notes } = boot;
  const { api: given } = config.values;
  const places = given === null ? placesOf(address, config.noted.api, 3000) : [{ origin: given, fits: () => true }];
  const found = await findPart('api', places);
  if (!found) {
    if (given === null) return null;
    throw new JobstormError('EAPI', `no api-service of jobstorm answers at ${given}: check --api`);
  }
  await checkApiToken(found.origin, bearer, secrets);
  notes.push(`api-service: the one at ${found.origin}`);
  return found.origin;
}

async function joinNamed(config: PerfTestConfig, nest: Nest, address: ServerAddress): Promise<Cluster> {
  const secrets = { token: config.values.token, password: address.password };
  const bearer = bearerToken(secrets.token, secrets.password);
  const found = { config, nest, notes: [], address, bearer };
  const client = await Client.connect({ address, connectTimeoutMs });
  try {
    const [api, control] = await Promise.allSettled([
      config.via === 'direct' ? null : findApi(found, secrets),
      findControl(found, secrets),
    ]);
    if (control.status === 'rejected') throw control.reason;
    const boot: Boot = { ...found, ...control.value };
    try {
      if (api.status === 'rejected') throw api.reason;
      return await fillIn(boot, client, api.value);
    } catch (error) {
      await boot.control.close();
      throw error;
    }
  } catch (error) {
    await client.close();
    throw error;
  }
}

function workersRunAlready(count: number): JobstormError {
  const are = count === 1 ? '1 worker process is' : `${count} worker processes are`;
  return new JobstormError(
    'EHELD',
    `this run starts its worker only when all jobs are queued, but ${are} there already: end them (just down worker), or leave --drain and --phase out`,
  );
}

/** Starts what was not found. */
async function fillIn(boot: Boot, client: Client, foundApi: string | null): Promise<Cluster> {
  const { config, nest, notes, control, address, bearer, seesServer } = boot;
  const seen = config.ownWorker
    ? []
    : (await control.room.workers()).filter(({ state }) => state.connected && state.state === 'running');
  const { held } = config.load;
  if (held && seen.length > 0) throw workersRunAlready(seen.length);
  const [api, worker] = await Promise.all([
    foundApi === null && config.via !== 'direct' ? startApi(boot) : null,
    seen.length === 0 && !held ? ownWorker(boot) : null,
  ]);
  if (held) notes.push(`worker: one of its own, ${config.values.concurrency} slots, once all jobs are queued`);
  else if (worker) {
    notes.push(`worker: one of its own, ${config.values.concurrency} slots`);
  } else {
    const slots = seen.reduce((sum, { state }) => sum + state.slots.total, 0);
    const processes = seen.length === 1 ? '1 process' : `${seen.length} processes`;
    notes.push(`workers: ${processes} seen there, ${slots} slots (--concurrency, --cpus and --engine are not theirs)`);
  }
  if (api) notes.push('api-service: one of its own');
  const close = async (tell: (line: string) => void) => {
    const timer = setTimeout(() => tell('waiting for the worker to give back what it holds on the server'), 500);
    await stopWorkers(boot, client);
    clearTimeout(timer);
    await client.close();
    await nest.stop(workerGraceMs);
    await control.close();
  };
  const apiUrl = api ? String((await api.ready).url) : foundApi;
  const serverProject = config.noted.project;
  const own = { server: null, api, worker, nest, notes, close };
  return withWorker(boot, {
    address,
    client,
    control,
    room: control.room,
    apiUrl,
    bearer,
    seesServer,
    serverProject,
    ...own,
  });
}

/**
 * Boots or joins the cluster of a run. What it started is in `nest`, also when it fails.
 * @param starting the server of a local cluster, see `startLocalServer`; null: join the named server
 * @throws JobstormError saying what is not there and what to check
 */
export function openCluster(config: PerfTestConfig, nest: Nest, starting: Promise<ChildPart> | null): Promise<Cluster> {
  return starting ? bootLocal(config, nest, starting) : joinNamed(config, nest, config.server!);
}

// Starts the server side in containers: free ports, images, CPU limits, compose, and then waits until each part itself says that it
// is there, since docker's own health checks take seconds to notice.

import { hostname } from 'node:os';
import { SettingsError } from '@jobstorm/program';
import { Client, type JobstormError } from '@jobstorm/protocol';
import { askHealth } from '../../health.ts';
import type { Ports, ServerPlan, ServerUp } from '../engine.ts';
import { isTaken, portMistakes } from '../ports.ts';
import { ComposeProject } from './compose.ts';
import { publishers } from './containers.ts';
import type { DockerContext } from './context.ts';
import { buildImages, commitOf, deleteReplaced, findStale } from './images.ts';
import { requireRunning } from './running.ts';
import { socketGroup } from './socket-group.ts';
import { sourceHash } from './sources.ts';

const healthyWithinMs = 90_000;
const pollEveryMs = 50;

/** Jobs are kept by either, never by both: one has the other's ports. */
const jobServers = { faktory: 'faktory', embedded: 'server-node' } as const;
const others = ['api-service', 'dashboard', 'docker-stats'] as const;

function variables(plan: ServerPlan, source: string, commit: string): Record<string, string> {
  return {
    FAKTORY_PASSWORD: plan.password ?? '',
    JOBSTORM_TOKEN: plan.token ?? '',
    JOBSTORM_OPEN: plan.open ? '1' : '',
    JOBSTORM_HOST: plan.env.JOBSTORM_HOST || hostname(),
    JOBSTORM_SOURCE: source,
    JOBSTORM_COMMIT: commit,
    DOCKER_GID: plan.env.DOCKER_GID || String(socketGroup(plan.env)),
    FAKTORY_PORT: String(plan.ports.faktory),
    FAKTORY_WEB_PORT: String(plan.ports.web),
    API_PORT: String(plan.ports.api),
    DASHBOARD_PORT: String(plan.ports.dashboard),
  };
}

/** Ports in use by anything but the containers of `project`. @throws SettingsError */
async function requireFreePorts({ cli }: DockerContext, project: string, ports: Ports): Promise<void> {
  const [all, ...listening] = await Promise.all([
    publishers(cli),
    ...Object.values(ports).map((port) => isTaken(port)),
  ]);
  const own = new Set(all.filter((by) => by.project === project).flatMap((by) => by.ports));
  const foreign = new Set(all.filter((by) => by.project !== project).flatMap((by) => by.ports));
  const taken = Object.values(ports).filter((port, at) => foreign.has(port) || (listening[at] && !own.has(port)));
  const mistakes = portMistakes(ports, new Set(taken), all);
  if (mistakes.length > 0) throw new SettingsError(mistakes);
}

interface Waited {
  what: string;
  ready: () => Promise<boolean>;
}

function waits({ ports, password }: ServerPlan): Waited[] {
  const server = { host: '127.0.0.1', port: ports.faktory, password };
  return [
    { what: 'the job server', ready: () => answers(server) },
    {
      what: 'the api-service',
      ready: async () => (await askHealth(`http://127.0.0.1:${ports.api}`, 'api'))?.jobServer?.answers === true,
    },
    {
      what: 'the control room',
      ready: async () => (await askHealth(`http://127.0.0.1:${ports.dashboard}`, 'dashboard')) !== null,
    },
  ];
}

/** @throws ConnectionError EPASSWORD when it takes another password */
async function answers(address: { host: string; port: number; password: string | null }): Promise<boolean> {
  try {
    const client = await Client.connect({ address, connectTimeoutMs: 2000 });
    await client.close();
    return true;
  } catch (error) {
    if ((error as JobstormError).code === 'EPASSWORD') throw error;
    return false;
  }
}

/** @throws JobstormError when a container ends, or not all are there in time */
async function waitHealthy(context: DockerContext, project: string, plan: ServerPlan): Promise<void> {
  const deadlineMs = performance.now() + healthyWithinMs;
  const pending = new Set<Waited>();
  const waiting = waits(plan).map(async (wait) => {
    pending.add(wait);
    while (!(await wait.ready())) {
      const late = performance.now() > deadlineMs;
      await requireRunning(
        context.cli,
        project,
        late ? `${wait.what} is not there after ${healthyWithinMs / 1000} s` : null,
      );
      await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
    }
    pending.delete(wait);
    const rest = [...pending].map(({ what }) => what);
    if (rest.length > 0) context.live.doing(`waiting for ${rest.join(' and ')}`);
  });
  context.live.doing('waiting for all parts');
  await Promise.all(waiting);
}

export async function upServer(context: DockerContext, plan: ServerPlan): Promise<ServerUp> {
  const { cli, dir, live, hostCpus } = context;
  const [jobServer, replaced] = plan.embedded
    ? [jobServers.embedded, jobServers.faktory]
    : [jobServers.faktory, jobServers.embedded];
  const source = sourceHash(dir, plan.env.NODE_IMAGE ?? '');
  const project = new ComposeProject(cli, dir, 'server', variables(plan, source, await commitOf(dir)), ['embedded']);
  const services = [jobServer, ...others];
  const ours = plan.embedded ? services : [...others];
  const [config, stale] = await Promise.all([
    project.config(),
    findStale(cli, project.name, ours, source),
    requireFreePorts(context, project.name, plan.ports),
  ]);
  if (stale.length > 0) await buildImages(project, stale, live);
  const named = Object.entries(config.services ?? {}).filter(([name]) => services.includes(name as typeof jobServer));
  const caps = project.cap({ services: Object.fromEntries(named) }, hostCpus);
  live.doing('starting the server side');
  await project.run(['rm', '--stop', '--force', replaced]);
  await project.up(services);
  await Promise.all([waitHealthy(context, project.name, plan), stale.length > 0 && deleteReplaced(cli, project.name)]);
  live.clear();
  return { lines: caps.lines };
}

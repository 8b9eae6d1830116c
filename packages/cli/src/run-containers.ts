// Which of the containers that a control room sees are the run's: the job server's, and the api-service's. Pure. Invariant: a container
// is only taken when nothing else could be meant, and otherwise the reason says what could.

import type { ContainerView, HostView } from '@jobstorm/dashboard';

export interface SeenContainer {
  host: HostView;
  container: ContainerView;
}

export interface Hints {
  /** Compose project of the server side, when it was started by this checkout; null: not known. */
  project: string | null;
  /** Host of the api-service that the run's jobs go through, as it calls itself; null: not known. */
  apiHost: string | null;
}

export interface RunContainers {
  server: SeenContainer | null;
  /** Why the server's was not found; null: it was. */
  whyNoServer: string | null;
  api: SeenContainer | null;
}

/** What the server's images and services are called, in the compose file and outside of it. */
const isServer = ({ service, image }: ContainerView): boolean =>
  service === 'faktory' || service === 'server-node' || /(^|\/)faktory(:|@|$)/.test(image);

/** server-node uses one core, whatever it is given. */
export const isServerNode = ({ service }: ContainerView): boolean => service === 'server-node';

function narrowed(found: readonly SeenContainer[], fits: (seen: SeenContainer) => boolean): readonly SeenContainer[] {
  const rest = found.filter(fits);
  return rest.length > 0 ? rest : found;
}

/** Of those that run now on hosts that are watched. */
export function findRunContainers(hosts: readonly HostView[], { project, apiHost }: Hints): RunContainers {
  const running: SeenContainer[] = hosts
    .filter(({ live, unavailable }) => live && unavailable === null)
    .flatMap((host) => host.containers.map((container) => ({ host, container })))
    .filter(({ container }) => container.state === 'running');
  let servers: readonly SeenContainer[] = running.filter(({ container }) => isServer(container));
  servers = narrowed(servers, ({ container }) => container.project === project);
  // Whoever reports to this control room is of its cluster; one host may have several.
  servers = narrowed(servers, ({ host, container }) => host.projects.includes(container.project));
  servers = narrowed(servers, ({ host }) => host.host === apiHost);
  const server = servers.length === 1 ? servers[0]! : null;
  const names = servers.map(({ host, container }) => `${container.name} on ${host.host}`).join(', ');
  const none =
    hosts.length === 0 ? 'no docker-stats reports to the control room' : 'no docker-stats sees its container';
  const apis = running.filter(
    ({ host, container }) =>
      container.service === 'api-service' && host === server?.host && container.project === server.container.project,
  );
  return {
    server,
    whyNoServer: server ? null : servers.length === 0 ? none : `it may be any of these containers: ${names}`,
    api: apis.length === 1 ? apis[0]! : null,
  };
}

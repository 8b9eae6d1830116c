// Containers as the engine tells of them: which there are, how they are, who publishes which port. Parsing is pure.

import type { PartStatus } from '../engine.ts';
import { type Publisher, publishedPorts } from '../ports.ts';
import type { DockerCli } from './cli.ts';

export const projectLabel = 'com.docker.compose.project';
export const serviceLabel = 'com.docker.compose.service';
export const partLabel = 'io.jobstorm.part';

/** What `docker inspect` says of a container, as far as it is used. */
export interface InspectedContainer {
  Id: string;
  Name: string;
  State: { Status: string; StartedAt: string; ExitCode: number; Health?: { Status: string } | null };
  Config: { Labels: Readonly<Record<string, string>> | null };
  NetworkSettings: {
    Ports: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>> | null;
  };
}

function addressOf({ NetworkSettings }: InspectedContainer): string | null {
  const found = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) =>
    (bindings ?? []).map(({ HostIp, HostPort }) =>
      HostIp.includes(':') ? `[${HostIp}]:${HostPort}` : `${HostIp}:${HostPort}`,
    ),
  );
  // The same ports again on IPv6 would say nothing new.
  const ipv4 = found.filter((address) => !address.startsWith('['));
  const shown = [...new Set(ipv4.length > 0 ? ipv4 : found)];
  return shown.length > 0 ? shown.join(', ') : null;
}

export function partStatus(container: InspectedContainer): PartStatus {
  const { State, Config, Name } = container;
  const running = State.Status === 'running';
  return {
    part: Config.Labels?.[partLabel] ?? '?',
    name: Name.replace(/^\//, ''),
    state: State.Status === 'exited' ? `exited (${State.ExitCode})` : State.Status,
    health: running ? (State.Health?.Status ?? null) : null,
    since: running ? State.StartedAt : null,
    address: addressOf(container),
  };
}

/** The containers of compose projects, also those that have ended. */
export async function containersOf(cli: DockerCli, projects: readonly string[]): Promise<InspectedContainer[]> {
  const lists = projects.map((name) => cli.read(['ps', '-aq', '--filter', `label=${projectLabel}=${name}`]));
  const ids = (await Promise.all(lists)).flatMap((text) => text.split('\n')).filter((id) => id !== '');
  if (ids.length === 0) return [];
  // One that is gone meanwhile makes inspect fail, yet it tells of the others.
  const { stdout } = await cli.run(['inspect', '--type', 'container', ...ids]);
  return JSON.parse(stdout || '[]') as InspectedContainer[];
}

const publisherFormat = [
  '.Names',
  '.Ports',
  `.Label "${projectLabel}"`,
  `.Label "${projectLabel}.working_dir"`,
  `.Label "${partLabel}"`,
]
  .map((field) => `{{${field}}}`)
  .join('\\t');

/** A line of `docker ps` in `publisherFormat`. */
export function parsePublisher(line: string): Publisher {
  const [name = '', ports = '', project, folder, part] = line.split('\t');
  return { name, ports: publishedPorts(ports), project: project || null, folder: folder || null, part: part || null };
}

/** Every container of the engine that runs. */
export async function publishers(cli: DockerCli): Promise<Publisher[]> {
  const text = await cli.read(['ps', '--format', publisherFormat]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parsePublisher);
}

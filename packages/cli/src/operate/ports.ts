// Ports that a server's host publishes: whether they are free, and who holds those that are not.

import { createServer } from 'node:net';
import type { Ports } from './engine.ts';

/** A running container that publishes ports. */
export interface Publisher {
  name: string;
  ports: readonly number[];
  /** Compose project; null: not compose's. */
  project: string | null;
  /** Folder of the compose file. */
  folder: string | null;
  /** The label io.jobstorm.part; null: not ours. */
  part: string | null;
}

/** The variable that moves each port, and what is served there. */
export const portVariables: Readonly<Record<keyof Ports, { variable: string; what: string }>> = {
  faktory: { variable: 'FAKTORY_PORT', what: 'the job server' },
  web: { variable: 'FAKTORY_WEB_PORT', what: "the job server's page" },
  api: { variable: 'API_PORT', what: 'the api-service' },
  dashboard: { variable: 'DASHBOARD_PORT', what: 'the control room' },
};

/** Whether something on this host listens at the port already, on whatever address, or on the one named. Never rejects. */
export function isTaken(port: number, host = '0.0.0.0'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // Without the right to listen there (a port below 1024) whoever is to have it may still have it.
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

/** The host's ports in what `docker ps` shows: `0.0.0.0:7419->7419/tcp, :::7419->7419/tcp`. */
export function publishedPorts(text: string): number[] {
  const found = [...text.matchAll(/:(\d+)(?:-(\d+))?->/g)];
  const ports = found.flatMap(([, first, last]) => {
    const count = Number(last ?? first) - Number(first) + 1;
    return Array.from({ length: count }, (_, i) => Number(first) + i);
  });
  return [...new Set(ports)];
}

/** Who holds a port and how to end that. */
function holder(port: number, publishers: readonly Publisher[]): { who: string; todo: string } {
  const by = publishers.find(({ ports }) => ports.includes(port));
  if (!by) {
    return { who: 'another program on this host', todo: `end that one (\`ss -ltnp 'sport = :${port}'\` names it)` };
  }
  if (by.part !== null && by.folder !== null) {
    return { who: `the jobstorm checkout at ${by.folder}`, todo: 'end it there with `just down`' };
  }
  const project = by.project === null ? '' : ` of the compose project ${by.project}`;
  const folder = by.folder === null ? '' : ` in ${by.folder}`;
  return { who: `the container ${by.name}${project}${folder}`, todo: `end it (docker stop ${by.name})` };
}

/** The next port up that nothing else is to have, which is then taken too. */
function another(port: number, used: Set<number>): number {
  for (let other = port + 1; other < 65_536; other++) {
    if (used.has(other)) continue;
    used.add(other);
    return other;
  }
  return port;
}

/** Sentences that say who holds the ports that are taken and what to do; empty: none is. */
export function portMistakes(ports: Ports, taken: ReadonlySet<number>, publishers: readonly Publisher[]): string[] {
  const used = new Set([...taken, ...Object.values(ports), ...publishers.flatMap((publisher) => publisher.ports)]);
  const held = new Map<string, { todo: string; which: string[] }>();
  const others: string[] = [];
  for (const name of Object.keys(portVariables) as (keyof Ports)[]) {
    const port = ports[name];
    if (!taken.has(port)) continue;
    const { variable, what } = portVariables[name];
    const { who, todo } = holder(port, publishers);
    const entry = held.get(who + todo) ?? { todo: `by ${who}: ${todo}`, which: [] };
    entry.which.push(`${port} (${what})`);
    held.set(who + todo, entry);
    others.push(`${variable}=${another(port, used)}`);
  }
  if (others.length === 0) return [];
  const mistakes = [...held.values()].map(
    ({ todo, which }) =>
      `port${which.length > 1 ? 's' : ''} ${which.join(', ')} ${which.length > 1 ? 'are' : 'is'} in use ${todo}`,
  );
  return [...mistakes, `or take other ports: ${others.join(' ')} just server`];
}

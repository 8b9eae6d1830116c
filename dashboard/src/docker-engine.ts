// The Docker engine, asked only what docker-stats needs and only by GET. A call that gets no answer within its deadline fails,
// so that a hanging engine is told from a slow one.

import { JobstormError } from '@jobstorm/protocol';
import Docker from 'dockerode';
import {
  type ContainerIdentity,
  type ContainerLimits,
  type ContainerReading,
  identityOf,
  limitsOf,
  readingOf,
} from './container-usage.ts';

export interface EngineHost {
  name: string;
  cores: number;
  memoryBytes: number;
}

export interface Engine {
  /** @throws JobstormError EENGINE when it does not answer; so do the others */
  host(): Promise<EngineHost>;
  /** The containers that carry the label, running or not. */
  containers(): Promise<ContainerIdentity[]>;
  /** null: no such container any more. */
  limits(id: string): Promise<ContainerLimits | null>;
  /** null: it does not run. */
  reading(id: string): Promise<ContainerReading | null>;
}

const label = 'io.jobstorm.part';
const deadlineMs = 4000;

/** Where to ask, as dockerode takes it. @throws RangeError on anything but unix:///path and tcp://host:port */
export function engineAddress(text: string): { socketPath: string } | { host: string; port: number } {
  const socketPath = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
  if (socketPath !== undefined) return { socketPath };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'tcp:' || url.port === '') throw new RangeError(`"${text}" is no address of an engine`);
  return { host: url.hostname, port: Number(url.port) };
}

/** What to do about the mistakes that people make. */
function sentence(where: string, { code, message }: NodeJS.ErrnoException, timedOut: boolean): string {
  if (timedOut) return `the Docker engine at ${where} did not answer within ${deadlineMs} ms`;
  if (code === 'EACCES') {
    return `not allowed to use the Docker engine at ${where}: set DOCKER_GID to the group of that socket (stat -c %g shows it)`;
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return `no Docker engine answers at ${where}`;
  return `the Docker engine at ${where} failed: ${message.trim()}`;
}

export class DockerEngine implements Engine {
  readonly #where: string;
  readonly #docker: Docker;

  /** @throws RangeError when `where` is no address of an engine */
  constructor(where: string) {
    this.#where = where;
    this.#docker = new Docker({ ...engineAddress(where), protocol: 'http', timeout: deadlineMs });
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    const askedMs = performance.now();
    try {
      return await answer;
    } catch (error) {
      // dockerode only says that the socket hung up.
      const timedOut = performance.now() - askedMs >= deadlineMs;
      const cause = error as NodeJS.ErrnoException;
      throw new JobstormError('EENGINE', sentence(this.#where, cause, timedOut), { cause });
    }
  }

  /** The same for one container, which may be gone by now: null. */
  #askOf<T>(answer: Promise<T>): Promise<T | null> {
    return this.#ask(
      answer.catch((error: { statusCode?: number }) => {
        if (error.statusCode === 404) return null;
        throw error;
      }),
    );
  }

  async host(): Promise<EngineHost> {
    const { Name, NCPU, MemTotal } = await this.#ask(this.#docker.info());
    return { name: Name, cores: NCPU, memoryBytes: MemTotal };
  }

  async containers(): Promise<ContainerIdentity[]> {
    const list = await this.#ask(this.#docker.listContainers({ all: true, filters: { label: [label] } }));
    return list.map(identityOf);
  }

  async limits(id: string): Promise<ContainerLimits | null> {
    const found = await this.#askOf(this.#docker.getContainer(id).inspect());
    return found && limitsOf(found);
  }

  async reading(id: string): Promise<ContainerReading | null> {
    // One shot: without it the engine waits a second for a second reading.
    const query = { stream: false, 'one-shot': true } as const;
    const found = await this.#askOf(this.#docker.getContainer(id).stats(query));
    return found && readingOf(found);
  }
}

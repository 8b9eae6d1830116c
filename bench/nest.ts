// What one run of a side started. Invariant: when the run is over, well or not, all of it is ended, the last one first.

import { mkdtempSync, rmSync } from 'node:fs';
import { descendants, RawConnection, startRealFaktory, until } from '@jobstorm/testkit';
import { fillQueue, type JobShape } from './backlog.ts';
import { Part, scratchPath } from './part.ts';
import { cpuUs, rssBytes } from './proc.ts';
import { PushConnection } from './push-connection.ts';

/** With `--data` it keeps a journal in a folder of its own, and answers once the disk has it. */
export type ServerKind = 'server-node' | 'server-node --data' | 'real Faktory';

/** A job server that runs for one side. */
export interface JobServer {
  url: string;
  port: number;
  pid: number;
  /** Its processes: a real one has a Redis. */
  pids: readonly number[];
  /** Of them all, in µs. */
  cpuUs(): number;
}

export class Nest {
  readonly #closers: (() => void | Promise<void>)[] = [];

  /** Gives `work` a nest, and clears it when that is over. */
  static async with<T>(work: (nest: Nest) => Promise<T>): Promise<T> {
    const nest = new Nest();
    try {
      return await work(nest);
    } finally {
      await nest.#clear();
    }
  }

  /** Has this called in the end. */
  add(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  async part(program: string, ...args: string[]): Promise<Part> {
    const part = await Part.start(program, args);
    this.add(() => part.stop());
    return part;
  }

  /** A fresh and empty one on a port of its own. */
  async server(kind: ServerKind): Promise<JobServer> {
    if (kind === 'server-node') return this.serverNode();
    if (kind === 'server-node --data') return this.serverNode('--data', this.folder());
    const faktory = await startRealFaktory();
    this.add(() => faktory.close());
    const pids = [faktory.pid, ...descendants(faktory.pid)];
    return { url: faktory.url, port: faktory.port, pid: faktory.pid, pids, cpuUs: () => cpuUs(pids) };
  }

  /** A fresh server that holds `jobs` jobs, the connection that gave them to it, and what it took in memory before. */
  async filled(kind: ServerKind, shape: JobShape, jobs: number) {
    const server = await this.server(kind);
    const connection = await this.connection(server);
    const emptyBytes = rssBytes(server.pid);
    await fillQueue(connection, shape, jobs);
    return { server, connection, emptyBytes };
  }

  /** A folder of its own, which goes in the end. */
  folder(): string {
    const folder = mkdtempSync(scratchPath('data-'));
    this.add(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  async serverNode(...args: string[]): Promise<JobServer & { kill(): Promise<void> }> {
    const part = await this.part('server', '--listen', '127.0.0.1:0', '--web', 'off', ...args);
    const { url, port, pid, pids } = part;
    return { url, port, pid, pids, cpuUs: () => cpuUs(pids), kill: () => part.stop('SIGKILL') };
  }

  /** An api-service with default settings, once it has reached its job server. */
  async api(server: JobServer): Promise<Part> {
    const api = await this.part('api', '--listen', '127.0.0.1:0', '--url', server.url);
    const isHealthy = async () => (await fetch(`${api.url}/health`)).ok;
    await until('the api-service to reach its job server', isHealthy, { timeoutMs: 10_000, intervalMs: 20 });
    return api;
  }

  /** A connection that is past its HELLO. */
  async connection(server: JobServer): Promise<RawConnection> {
    const connection = await RawConnection.greeted({ port: server.port });
    this.add(() => connection.destroy());
    return connection;
  }

  /** So many connections that push, past their HELLOs. */
  async pushConnections(port: number, count: number): Promise<PushConnection[]> {
    const connections = await Promise.all(Array.from({ length: count }, () => PushConnection.open(port)));
    this.add(() => {
      for (const connection of connections) connection.destroy();
    });
    return connections;
  }

  async #clear(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }
}

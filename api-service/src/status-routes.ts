// GET /health: is this service up, and does the job server answer it. GET /stats: what it did since its start.

import type { FastifyInstance } from 'fastify';
import type { BatchSettings } from './batcher.ts';
import type { Held } from './held.ts';
import type { Meter } from './meter.ts';
import { version } from './version.ts';

/** What the job server says of itself. */
export interface ServerIdentity {
  description: string;
  version: string;
}

/** The job server as these routes need it. */
export interface ProbedServer {
  /** tcp://host:port, without a password. */
  readonly address: string;
  readonly connected: boolean;
  /** Asks it who it is; null: no answer. Never rejects. */
  probe(): Promise<ServerIdentity | null>;
}

export interface StatusRoutes {
  server: ProbedServer;
  meter: Meter;
  held: Held;
  batch: BatchSettings;
  queue: string;
}

export function addStatusRoutes(app: FastifyInstance, { server, meter, held, batch, queue }: StatusRoutes): void {
  const who = { name: 'jobstorm', part: 'api', version };
  const startedMs = performance.now();
  app.get('/health', async (_request, reply) => {
    const identity = await server.probe();
    const answers = identity !== null;
    reply.code(answers ? 200 : 503).header('cache-control', 'no-store');
    const status = answers ? 'ok' : 'job server away';
    return { ...who, status, jobServer: { answers, address: server.address, ...identity } };
  });
  app.get('/stats', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const uptimeS = Math.round((performance.now() - startedMs) / 1000);
    const state = { connected: server.connected, waiting: held.jobs };
    return { ...who, uptimeS, batch, queue, heldBytes: held.bytes, ...meter.stats(state) };
  });
}

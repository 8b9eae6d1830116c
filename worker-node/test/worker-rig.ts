// A worker in this process before a server in this process, with what tests ask of both.

import assert from 'node:assert/strict';
import { Client, type Job, type Json, parseServerUrl } from '@jobstorm/protocol';
import { type RunningServer, type ServerOptions, startServer } from '@jobstorm/server-node';
import { epochUs } from '@jobstorm/telemetry';
import { RawConnection, watchLeaks } from '@jobstorm/testkit';
import type { Engine, WorkerOptions } from '../src/engine.ts';
import { builtInHandlers, type Handler } from '../src/handlers.ts';
import { Worker } from '../src/worker.ts';
import type { WorkerTask } from '../src/worker-task.ts';

export interface Rig {
  server: RunningServer;
  client: Client;
  logs: string[];
  /** Another worker; it is stopped with the rest when it has not been. */
  start(more?: Partial<WorkerOptions>): Promise<Engine>;
  push(jobtype: string, args?: Json[], more?: Partial<Job>): Promise<string>;
  /** What is left: queued, reserved, waiting for a retry, dead; and what was done. */
  counts(): { queued: number; working: number; retries: number; dead: number; processed: number; failures: number };
}

export interface RigOptions {
  handlers?: Record<string, Handler>;
  server?: Partial<ServerOptions>;
  make?: (options: WorkerOptions) => Engine;
  /** Reservations that are left in the end; none unless a test kills what holds them, and then not always a known number. */
  reserved?: number | 'any';
}

export const queue = 'jobstorm';
let names = 0;

/** What one process does without any limits. */
export function plainTask(slots: number, queues: readonly string[] = [queue]): WorkerTask {
  return { slots, processes: 1, queues, queueSlots: [], rateLimit: [], prefetch: 0 };
}

export function workerOptions(url: string, more: Partial<WorkerOptions> = {}): WorkerOptions {
  return {
    address: parseServerUrl(url),
    wid: `worker-${names++}`.padEnd(12, 'x'),
    slots: 10,
    queues: [queue],
    connections: 6,
    handlers: builtInHandlers(),
    graceMs: 10_000,
    log: () => {},
    ...more,
  };
}

export function countsOf(server: RunningServer): ReturnType<Rig['counts']> {
  const { sets, total_enqueued, total_processed, total_failures } = server.info().faktory;
  return {
    queued: total_enqueued,
    working: sets.working,
    retries: sets.retries,
    dead: sets.dead,
    processed: total_processed,
    failures: total_failures,
  };
}

/** Runs `check` with a server and all it needs, and sees to it that nothing is left behind. */
export async function withServer(check: (rig: Rig) => Promise<void>, options: RigOptions = {}): Promise<void> {
  const leaks = watchLeaks();
  const server = await startServer({ host: '127.0.0.1', port: 0, ...options.server });
  const client = await Client.connect({ address: parseServerUrl(server.url) });
  const engines: Engine[] = [];
  const logs: string[] = [];
  const rig: Rig = {
    server,
    client,
    logs,
    async start(more) {
      const handlers = new Map([...builtInHandlers(), ...Object.entries(options.handlers ?? {})]);
      const given = workerOptions(server.url, { handlers, log: (message) => logs.push(message), ...more });
      const engine = (options.make ?? ((all) => new Worker(all)))(given);
      await engine.start();
      engines.push(engine);
      return engine;
    },
    async push(jobtype, args = [], more = {}) {
      const jid = `job-${String(names++).padStart(8, '0')}`;
      await client.push({ jid, jobtype, args, queue, retry: 5, reserve_for: 60, ...more });
      return more.jid ?? jid;
    },
    counts: () => countsOf(server),
  };
  try {
    await check(rig);
    await Promise.all(engines.map((engine) => engine.stop()));
    if (options.reserved !== 'any')
      assert.equal(rig.counts().working, options.reserved ?? 0, 'reservations that the workers left');
  } finally {
    await Promise.all(engines.map((engine) => engine.stop()));
    await client.close();
    await server.close();
  }
  await leaks.settle();
}

/** Why the only job that waits for its retry failed. */
export async function onlyFailure({
  server,
}: Rig): Promise<{ errtype: string; message: string; backtrace?: string[] }> {
  // A requeued job is handed out as it is kept.
  const raw = await RawConnection.greeted(server);
  assert.equal(await raw.call('MUTATE {"cmd":"requeue","target":"retries"}'), '+OK');
  const reply = await raw.call(`FETCH ${queue}`);
  const { jid, failure } = JSON.parse(reply!.slice(reply!.indexOf('\r\n') + 2));
  await raw.call(`ACK ${JSON.stringify({ jid })}`);
  raw.destroy();
  return failure;
}

/** Jobs of run r1 with sequence numbers from 0. */
export async function pushMany(
  client: Client,
  count: number,
  jobtype = 'sleep',
  args: Json[] = [5],
  retry = 0,
): Promise<void> {
  for (let from = 0; from < count; from += 1000) {
    const jobs = Array.from({ length: Math.min(1000, count - from) }, (_, i) => ({
      jid: `job-${jobtype}-${from + i}`,
      jobtype,
      args,
      queue,
      retry,
      reserve_for: 60,
      custom: { run: 'r1', seq: from + i, due: epochUs() },
    }));
    assert.deepEqual(await client.pushBulk(jobs), {});
  }
}

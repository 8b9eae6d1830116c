// The api-service as a whole: HTTP in, batches out, and an end that loses nothing:
//
//   close ─▶ new requests get 503 ─▶ the waiting batch leaves ─▶ its callers are answered ─▶ sockets end ─▶ END to the job server

import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { acceptedTokens, bearerToken, listenAddress } from '@jobstorm/program';
import { JobstormError, type ServerAddress } from '@jobstorm/protocol';
import { type ApiSettings, type Hello, makeHello, Reporter } from '@jobstorm/telemetry';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import type { BatchSettings } from './batcher.ts';
import { batchSettings, checkBatchChange } from './config.ts';
import { Door } from './door.ts';
import { Held } from './held.ts';
import { JobServer } from './job-server.ts';
import { drainMs } from './limits.ts';
import { Meter } from './meter.ts';
import { Pusher } from './pusher.ts';
import { Singles } from './singles.ts';
import { version } from './version.ts';

export interface ApiOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Of the job server. It need not be up. */
  address: ServerAddress;
  batch: BatchSettings;
  /** Where jobs go that name no queue. */
  queue: string;
  /** Of the control room, ws://host:port; null: none. */
  control?: string | null;
  /** Asked of callers, who may show the key of the job server's password instead; shown to the control room. */
  token?: string | null;
  /** This host's name for the control room; default: the system's own. */
  hostName?: string | null;
  /** Hears lines for people; default: standard error. */
  tell?: (line: string) => void;
}

export interface RunningApi {
  url: string;
  /** Answers what was taken, then ends. */
  close(): Promise<void>;
}

function toStderr(line: string): void {
  process.stderr.write(`jobstorm api: ${line}\n`);
}

/** Listens, and starts to connect to the job server. @throws JobstormError when it can't listen there */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { queue, token = null, control = null, tell = toStderr } = options;
  /** Whoever reads it reads it anew each time, so that it can be changed while the service runs. */
  const batch = { ...options.batch };
  const { password } = options.address;
  const tokens = acceptedTokens(token, password);
  const server = new JobServer({ address: options.address, tell });
  const meter = new Meter();
  const held = new Held();
  const pusher = new Pusher(server, meter);
  const singles = new Singles({ batch, pusher, meter, held });
  const door = new Door();
  const app = buildApp({ singles, pusher, meter, held, batch, queue, tokens, door, server });
  try {
    await listen(app, options);
  } catch (error) {
    await server.close();
    throw error;
  }
  const snapshot = () => meter.snapshot({ connected: server.connected, waiting: held.jobs });
  const reporter =
    control === null
      ? null
      : new Reporter({
          url: control,
          hello: introduction(options.hostName ?? hostname()),
          snapshot,
          onSettings: ({ api }) => {
            const refusal = changeBatch(batch, api ?? {}, tell);
            singles.reconsider();
            return { inForce: batchSettings(batch), refusal };
          },
          token: bearerToken(token, password) ?? undefined,
        });
  const close = async () => {
    door.close();
    await drain(app, singles, held);
    await Promise.all([server.close(), reporter?.close()]);
  };
  let closing: Promise<void> | undefined;
  return {
    url: `http://${listenAddress({ host: options.host, port: (app.server.address() as AddressInfo).port })}`,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function listen(app: FastifyInstance, { host, port }: ApiOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code = 'ELISTEN', message } = error as NodeJS.ErrnoException;
    const where = listenAddress({ host, port });
    const why = code === 'EADDRINUSE' ? `${where} is taken by another program: choose another port` : message;
    throw new JobstormError(code, `can't listen on ${where}: ${why}`, { cause: error });
  }
}

/** Answers what was taken in, then ends every connection. What is still unanswered after `drainMs` is cut off. */
async function drain(app: FastifyInstance, singles: Singles, held: Held): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), drainMs);
  singles.drain();
  await held.idle();
  await app.close();
  clearTimeout(cutOff);
}

/** Why they can't be taken; then nothing is changed. Null: they are. Both are told in a line. */
function changeBatch(batch: BatchSettings, wanted: ApiSettings, tell: (line: string) => void): string | null {
  try {
    const before = JSON.stringify(batch);
    Object.assign(batch, checkBatchChange(wanted));
    const after = JSON.stringify(batch);
    if (after !== before) tell(`the control room has changed the batch settings to ${after}`);
    return null;
  } catch (error) {
    const { message } = error as Error;
    tell(`the control room wants settings that can't be: ${message}`);
    return message;
  }
}

function introduction(host: string): Hello {
  const id = randomUUID();
  return makeHello({
    part: 'api',
    id,
    host,
    version,
    capCores: null,
    group: id,
  });
}

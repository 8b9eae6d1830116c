// The embedded server put together: listener, sessions, the rules and their clock work.
// Invariant: after `close` nothing is left: no socket, no timer, no listener.

import { listenAddress } from '@jobstorm/program';
import { defaultMaxLineBytes } from '@jobstorm/protocol';
import { type Clock, systemClock } from './clock.ts';
import { type Data, type DataOptions, openData } from './data.ts';
import type { InfoDocument } from './info.ts';
import { listen } from './listen.ts';
import { makeListener, type TlsKeys } from './listener.ts';
import { Manager } from './manager.ts';
import { PasswordChecks } from './password-checks.ts';
import { Session, type SessionHost } from './session.ts';
import { State } from './state.ts';
import { whenStored } from './stored.ts';
import { Turn } from './turn.ts';
import { startWeb } from './web.ts';

export interface ServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** null or left out: none is asked for. */
  password?: string | null;
  /** Clients and the web side are served by TLS with these; null or left out: without. */
  tls?: TlsKeys | null;
  /** Where the web side is served; null or left out: nowhere. */
  web?: { host: string; port: number } | null;
  /** Where jobs are kept; null or left out: in memory only. */
  data?: DataOptions | null;
  clock?: Clock;
  /** In [0, 1), for the backoff of retries. */
  random?: () => number;
  /** 2,000 unless told otherwise, as Faktory has it. */
  maxConnections?: number;
  /** Longest command line taken, in bytes; 64 MiB unless told otherwise. */
  maxLineBytes?: number;
  /** A client that takes none of its replies for this long is dropped; a minute unless told otherwise. */
  stalledMs?: number;
}

export interface RunningServer {
  host: string;
  port: number;
  /** tcp://host:port, or tcp+tls://…; without the password. */
  url: string;
  /** http://host:port (https:// with TLS) of the web side; null when it is off. */
  webUrl: string | null;
  info(): InfoDocument;
  close(): Promise<void>;
}

/** How often what is due by the clock is looked for. */
const tickMs = 50;
/** The same for waits that end, while many wait: those who end together ask again together, and a push stands behind them. */
const crowdTickMs = 5;
const crowd = 32;
const maxConnections = 2000;
const stalledMs = 60_000;
/** What clients that don't close their side get before the server goes without them. */
const closeMs = 1500;

/**
 * Starts a server; resolves once it accepts connections.
 * @throws JobstormError EADDRINUSE, EACCES, … naming the address that it could not listen on; see `openData`
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const state = new State();
  const data = options.data ? await openData(options.data, state) : null;
  try {
    return await serve(options, state, data);
  } catch (error) {
    await data?.close();
    throw error;
  }
}

async function serve(options: ServerOptions, state: State, data: Data | null): Promise<RunningServer> {
  const { clock = systemClock, random = Math.random } = options;
  const manager = new Manager({ clock, random, state, ...(data ? { storage: data.storage } : {}) });
  const turn = new Turn(data?.storage.journal ?? null);
  const sessions = new Set<Session>();
  const host: SessionHost = {
    manager,
    turn,
    password: options.password || null,
    checks: new PasswordChecks(),
    maxConnections: options.maxConnections ?? maxConnections,
    maxLineBytes: options.maxLineBytes ?? defaultMaxLineBytes,
    stalledMs: options.stalledMs ?? stalledMs,
    onClosed: (session) => sessions.delete(session),
  };
  const tls = options.tls ?? null;
  const listener = makeListener(tls, (socket) => {
    sessions.add(new Session(host, socket));
  });
  const address = await listen(listener.server, options.host, options.port, '--listen');
  const storing = { stored: () => whenStored(turn), stuck: () => data?.storage.journal.stuck?.message ?? null };
  const shared = { password: host.password, tls, manager, ...storing };
  const web = options.web
    ? await startWeb({ ...options.web, ...shared }).catch((error) => {
        listener.server.close();
        throw error;
      })
    : null;
  const stopClockwork = startClockwork(manager, data);
  return {
    ...address,
    url: `${tls === null ? 'tcp' : 'tcp+tls'}://${listenAddress(address)}`,
    webUrl: web?.url ?? null,
    info() {
      manager.readClock();
      return manager.info();
    },
    async close() {
      stopClockwork();
      const closed = new Promise((resolve) => listener.server.close(resolve));
      listener.destroyUnready();
      for (const session of [...sessions]) session.shutDown();
      const late = setTimeout(() => {
        for (const session of [...sessions]) session.drop();
      }, closeMs);
      await Promise.all([closed, web?.close()]);
      clearTimeout(late);
      turn.end();
      await data?.close();
    },
  };
}

/** Runs what is due by the clock: waits that end, and the manager's ticks. Returns how to stop it. */
function startClockwork(manager: Manager, data: Data | null): () => void {
  let again: NodeJS.Immediate | null = null;
  let crowdTimer: NodeJS.Timeout | null = null;
  const endWaits = () => {
    manager.readClock();
    manager.endWaits();
    if (manager.waits.size > crowd || crowdTimer === null) return;
    clearInterval(crowdTimer);
    crowdTimer = null;
  };
  const tick = () => {
    again = null;
    manager.readClock();
    manager.endWaits();
    if (manager.waits.size > crowd) crowdTimer ??= setInterval(endWaits, crowdTickMs);
    data?.storage.tick(manager.nowMs);
    if (manager.tick()) again ??= setImmediate(tick);
  };
  const timer = setInterval(tick, tickMs);
  return () => {
    clearInterval(timer);
    if (crowdTimer) clearInterval(crowdTimer);
    if (again) clearImmediate(again);
  };
}

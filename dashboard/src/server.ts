// The control room on the network: HTTP for questions, websockets for parts and watchers.

import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { acceptedTokens, checkExposure, listenAddress } from '@jobstorm/program';
import { JobstormError, parseServerUrl } from '@jobstorm/protocol';
import { epochUs } from '@jobstorm/telemetry';
import Fastify, { type FastifyInstance } from 'fastify';
import { ControlRoom } from './control-room.ts';
import { FeedSockets } from './feed-sockets.ts';
import { type Access, Guard } from './guard.ts';
import { addHistory } from './history-routes.ts';
import { addLaunching } from './launch-routes.ts';
import { LiveSockets } from './live-sockets.ts';
import { addPage, pagePaths } from './page-files.ts';
import { PartSockets } from './part-sockets.ts';
import { RunArchive } from './run-archive.ts';
import { RunLauncher } from './run-launcher.ts';
import { ServerWatch } from './server-watch.ts';
import { version } from './version.ts';
import { Watchers } from './watchers.ts';

export interface ControlRoomServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Of the job server, whose queue depth is then shown; null: not asked. */
  url?: string | null;
  /** Asked of everybody when set; the key of the job server's password is taken in its place. */
  token?: string | null;
  /** Of the job server, where its URL has none. */
  password?: string | null;
  /** It may be reached from outside without a token, for closed labs. */
  open?: boolean;
  /** Folder for the records of runs; null: the last few are kept in memory. */
  runs?: string | null;
  /** Another control room may keep records there too: those without an end are left to it. */
  runsShared?: boolean;
  /** http://… of the cluster's api-service, for runs that the page starts; null: found by the run itself. */
  api?: string | null;
}

export interface ControlRoomServer {
  /** http://host:port */
  url: string;
  room: ControlRoom;
  /** To be said aloud: everybody is let in; null: not so. */
  warning: string | null;
  /** Ends every connection; settles once the port is free. */
  close(): Promise<void>;
}

/** What answers without a token: whether it is there, and the page, which holds no figures by itself. */
const PUBLIC_PATHS = new Set([...pagePaths, '/health', '/session']);

/** Who listens at one of these is reached by 127.0.0.1 too. */
const everyAddress = new Set(['0.0.0.0', '::']);

function accessOf(method: string, path: string): Access {
  if (PUBLIC_PATHS.has(path)) return 'public';
  return method === 'GET' || method === 'HEAD' ? 'look' : 'change';
}

/** @throws SettingsError when it would be reachable from outside without a token and is not `open`, JobstormError EADDRINUSE and the like when
 * it can't listen there, JobstormError EURL when the job server's url is none */
export async function startControlRoom(options: ControlRoomServerOptions): Promise<ControlRoomServer> {
  const { host, port, url = null, token = null, open = false } = options;
  const secret = { name: 'JOBSTORM_TOKEN', isSet: token !== null };
  const warning = checkExposure({ addresses: { listen: listenAddress({ host, port }) }, secret, open });
  const guard = new Guard({ tokens: acceptedTokens(token, passwordOf(options)), open });
  const room = new ControlRoom();
  const archive = await RunArchive.open({ folder: options.runs ?? null, shared: options.runsShared ?? false });
  const parts = new PartSockets(room);
  const watchers = new Watchers(room);
  let boundPort = port;
  const self = everyAddress.has(host) ? '127.0.0.1' : host;
  const ownAddress = () => `ws://${listenAddress({ host: self, port: boundPort })}`;
  const target = { serverUrl: url, api: options.api ?? null, token, room: ownAddress };
  const launcher = new RunLauncher(target, () => live.changed());
  const live = new LiveSockets({ room, archive, launcher });
  const feeds = new FeedSockets(archive, () => live.changed());
  const serverWatch = url === null ? null : new ServerWatch(url, (view) => room.updateServer(view));
  if (serverWatch) room.updateServer(serverWatch.view);
  const app = createApp(room, watchers, guard);
  addHistory(app, archive, () => live.changed());
  addLaunching(app, launcher);
  const close = async () => {
    await launcher.close();
    parts.close();
    watchers.close();
    live.close();
    feeds.close();
    room.close();
    await Promise.all([app.close(), serverWatch?.close(), archive.close()]);
  };
  upgradeSockets(app.server, guard, { '/parts': parts, '/watch': watchers, '/feed': feeds, '/live': live });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await close();
    throw listenError(error, host, port);
  }
  const bound = app.server.address() as AddressInfo;
  boundPort = bound.port;
  return { url: `http://${listenAddress({ host, port: bound.port })}`, room, warning, close };
}

/** The job server's: its URL's own comes first. */
function passwordOf({ url = null, password = null }: ControlRoomServerOptions): string | null {
  return (url === null ? null : parseServerUrl(url).password) ?? password;
}

function createApp(room: ControlRoom, watchers: Watchers, guard: Guard): FastifyInstance {
  const app = Fastify({
    bodyLimit: 4096,
    // Live connections of browsers must not hold up the end.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 250 },
  });
  app.addHook('onRequest', async (request, reply) => {
    const refusal = guard.refuse(request.raw, accessOf(request.method, request.url));
    if (refusal) return reply.code(refusal.status).send({ error: refusal.reason });
  });
  app.get('/health', async () => health(room));
  addSession(app, guard);
  app.get('/stats', async () => room.stats());
  app.get<{ Params: { run: string } }>('/runs/:run', async (request, reply) => {
    const view = room.run(request.params.run);
    if (view) return view.toJSON();
    return reply.code(404).send({ error: 'no part has reported that run' });
  });
  app.get<{ Params: { run: string } }>('/runs/:run/pulse', async (request, reply) => {
    const pulse = room.pulse(request.params.run);
    if (pulse) return pulse;
    return reply.code(404).send({ error: 'no part has reported that run' });
  });
  app.post('/poll', async (_request, reply) => {
    await room.poll();
    watchers.polled();
    return reply.code(204).send();
  });
  addSettings(app, room);
  addPage(app);
  return app;
}

/** Names its job server as the api-service's does, so that whoever looks for a cluster's parts knows which cluster this one is of. */
function health(room: ControlRoom) {
  const server = room.server();
  const jobServer = server && { answers: server.connected, address: server.url };
  // By its time whoever asks learns how far apart the two clocks are.
  return { name: 'jobstorm', part: 'dashboard', version, jobServer, atUs: epochUs() };
}

const statusOf: Readonly<Record<string, number>> = { ENOPART: 404, EMESSAGE: 400, ENOANSWER: 504 };

/**
 * POST /parts/:id/settings: a JSON object of what is to change. 200 with what is in force then, 409 with the same and the part's refusal;
 * with {} it only looks.
 */
function addSettings(app: FastifyInstance, room: ControlRoom): void {
  app.post<{ Params: { id: string }; Body: object }>('/parts/:id/settings', async (request, reply) => {
    try {
      const outcome = await room.configure(request.params.id, request.body);
      return reply.code(outcome.refusal === null ? 200 : 409).send(outcome);
    } catch (error) {
      const status = error instanceof JobstormError ? statusOf[error.code] : undefined;
      if (status === undefined) throw error;
      return reply.code(status).send({ error: (error as Error).message });
    }
  });
}

/** POST /session, {token}: a cookie for the page, so that the token stays in no address bar and no storage. */
function addSession(app: FastifyInstance, guard: Guard): void {
  app.post<{ Body: { token?: unknown } | null }>('/session', async (request, reply) => {
    const cookie = guard.enter(request.raw, String(request.body?.token ?? ''));
    if (cookie === null) return reply.code(401).send({ error: 'that is not the token' });
    if (cookie !== '') reply.header('set-cookie', cookie);
    return reply.code(204).header('cache-control', 'no-store').send();
  });
}

interface Upgradable {
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void;
}

function upgradeSockets(server: Server, guard: Guard, paths: Record<string, Upgradable>): void {
  server.on('upgrade', (request, stream, head) => {
    // A client that goes away in the middle is no reason to end.
    stream.on('error', () => stream.destroy());
    const path = request.url?.split('?')[0] ?? '';
    const target = Object.hasOwn(paths, path) ? paths[path] : undefined;
    const refusal =
      guard.refuse(request, 'change') ?? (target ? null : { status: 404, reason: 'no websocket at this path' });
    if (refusal) refuseUpgrade(stream, refusal.status, refusal.reason);
    else target?.upgrade(request, stream, head);
  });
}

function refuseUpgrade(stream: Duplex, status: number, reason: string): void {
  const body = `${JSON.stringify({ error: reason })}\n`;
  stream.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function listenError(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const at = listenAddress({ host, port });
  if (code === 'EADDRINUSE') {
    return new JobstormError(
      code,
      `${at} is taken by another program; end it, or choose another address with --listen`,
    );
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new JobstormError(code, `cannot listen on ${at} (${code}); choose another address with --listen`);
  }
  return error;
}

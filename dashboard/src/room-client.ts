// A control room that runs elsewhere, asked over HTTP and heard over its /watch. The same questions as ControlRoom.
// It comes back by itself after the control room was away; a question meanwhile is rejected.

import { Agent, request } from 'node:http';
import { ConnectionError, JobstormError } from '@jobstorm/protocol';
import {
  type ApiSettings,
  bestOffset,
  type ClockExchange,
  type ClockOffset,
  epochUs,
  RoomLink,
  type SettingsOutcome,
  socketUrl,
  type WorkerSettings,
} from '@jobstorm/telemetry';
import type { LiveMessage } from './live-sockets.ts';
import type { Room, RoomListener } from './room.ts';
import { RunView } from './run-view.ts';
import type {
  ApiView,
  HostView,
  RoomStats,
  RunCounts,
  RunData,
  RunPulse,
  ServerView,
  WatchMessage,
  WorkerView,
} from './view.ts';

/** A part that is told settings has 5 s to answer. */
const TIMEOUT_MS = 7000;
const MAX_REPLY_BYTES = 256 << 20;
/** The shortest round trip of so many decides. */
const CLOCK_QUESTIONS = 8;

export interface RoomClientOptions {
  /** http://host:7460; ws:// will do too. */
  url: string;
  token?: string | null;
}

interface Reply {
  status: number;
  text: string;
}

export class RoomClient implements Room {
  /** http://host:port */
  readonly url: string;
  readonly #token: string | null;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #listeners = new Set<RoomListener>();
  #link: RoomLink | null = null;
  #closed = false;

  /**
   * Settles once it hears the room's changes.
   * @throws ConnectionError when nobody answers there, JobstormError ENOTROOM when it is no control room of ours, ETOKEN when
   * it asks for another token, EURL when the url is none
   */
  static async connect(options: RoomClientOptions): Promise<RoomClient> {
    const client = new RoomClient(options);
    try {
      await client.#checkHealth();
      await client.#stats();
      await client.#listen();
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  private constructor({ url, token = null }: RoomClientOptions) {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (!parsed || !/^(http|ws):$/.test(parsed.protocol)) {
      throw new JobstormError('EURL', `"${url}" is not a control room's address; expected http://HOST:PORT`);
    }
    this.url = `http://${parsed.host}`;
    this.#token = token;
  }

  async #checkHealth(): Promise<void> {
    const { text } = await this.#ask('GET', '/health');
    const health = parseJson(text) as { name?: unknown; part?: unknown } | null;
    if (health?.name !== 'jobstorm' || health.part !== 'dashboard') {
      throw new JobstormError('ENOTROOM', `what answers at ${this.url} is not a jobstorm control room`);
    }
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#link = new RoomLink({
        url: socketUrl(this.url, '/watch'),
        token: this.#token ?? undefined,
        maxPayloadBytes: MAX_REPLY_BYTES,
        onOpen: resolve,
        onText: (text) => this.#hear(text),
        onAway: (reason) =>
          reject(new ConnectionError('ECLOSED', `the control room at ${this.url} is away: ${reason}`)),
      });
    });
  }

  #hear(text: string): void {
    const message = parseJson(text) as WatchMessage | null;
    if (message?.type !== 'view') return;
    for (const listener of this.#listeners) listener({ runs: message.runs });
  }

  async workers(): Promise<WorkerView[]> {
    return (await this.#stats()).parts.filter((part) => part.part === 'worker');
  }

  async apis(): Promise<ApiView[]> {
    return (await this.#stats()).parts.filter((part) => part.part === 'api');
  }

  async runs(): Promise<RunCounts[]> {
    return (await this.#stats()).runs;
  }

  async server(): Promise<ServerView | null> {
    return (await this.#stats()).server;
  }

  async hosts(): Promise<HostView[]> {
    const { hosts = [] }: Partial<RoomStats> = await this.#stats(); // a control room of an older version has none
    return hosts.map(({ projects = [], ...host }: Partial<HostView> & HostView) => ({ ...host, projects }));
  }

  async run(run: string): Promise<RunView | null> {
    const path = `/runs/${encodeURIComponent(run)}`;
    const { status, text } = await this.#ask('GET', path);
    return status === 404 ? null : new RunView(this.#read<RunData>(path, { status, text }));
  }

  async pulse(run: string): Promise<RunPulse | null> {
    const path = `/runs/${encodeURIComponent(run)}/pulse`;
    const { status, text } = await this.#ask('GET', path);
    return status === 404 ? null : this.#read<RunPulse>(path, { status, text });
  }

  async clockOffset(): Promise<ClockOffset | null> {
    const exchanges: ClockExchange[] = [];
    for (let i = 0; i < CLOCK_QUESTIONS; i++) {
      const sentUs = epochUs();
      const health = parseJson((await this.#ask('GET', '/health')).text) as { atUs?: unknown } | null;
      exchanges.push({ sentUs, atUs: Number(health?.atUs ?? Number.NaN), receivedUs: epochUs() });
    }
    return bestOffset(exchanges, epochUs());
  }

  async poll(): Promise<void> {
    const reply = await this.#ask('POST', '/poll');
    if (reply.status !== 204) this.#read('/poll', reply);
  }

  async configure(id: string, wanted: WorkerSettings | ApiSettings): Promise<SettingsOutcome> {
    const path = `/parts/${encodeURIComponent(id)}/settings`;
    const reply = await this.#ask('POST', path, JSON.stringify(wanted));
    if (reply.status === 409) return this.#read(path, { ...reply, status: 200 });
    return this.#read(path, reply);
  }

  subscribe(listener: RoomListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears what pages hear, all of it first, also after it was away; `onAway` says why it is. */
  live(onMessage: (message: LiveMessage) => void, onAway: (reason: string) => void): RoomLink {
    return new RoomLink({
      url: socketUrl(this.url, '/live'),
      token: this.#token ?? undefined,
      maxPayloadBytes: MAX_REPLY_BYTES,
      onOpen: () => {},
      onText: (text) => onMessage(JSON.parse(text) as LiveMessage),
      onAway,
    });
  }

  /** Ends its connections; questions that are under way are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#agent.destroy();
    await this.#link?.close();
  }

  async #stats(): Promise<RoomStats> {
    return this.#read('/stats', await this.#ask('GET', '/stats'));
  }

  #read<T>(path: string, { status, text }: Reply): T {
    const body = parseJson(text);
    if (status === 200 && body !== null) return body as T;
    const reason = (body as { error?: string } | null)?.error ?? text.slice(0, 200);
    const code = status === 401 ? 'ETOKEN' : 'EROOM';
    throw new JobstormError(code, `the control room at ${this.url} answered ${status} to ${path}: ${reason}`);
  }

  /** `body`: JSON text. */
  #ask(method: 'GET' | 'POST', path: string, body?: string): Promise<Reply> {
    if (this.#closed) return Promise.reject(new ConnectionError('ECLOSED', `the link to ${this.url} was closed`));
    const headers = {
      ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => {
        const code = error.code ?? 'ECONNREFUSED';
        reject(new ConnectionError(code, `no control room answers at ${this.url} (${code}); is it started?`));
      };
      const asked = request(this.url + path, { method, headers, agent: this.#agent, timeout: TIMEOUT_MS }, (reply) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        reply.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_REPLY_BYTES) asked.destroy();
          else chunks.push(chunk);
        });
        reply.on('error', fail);
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      asked.on('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
      asked.on('error', fail);
      asked.end(body);
    });
  }
}

/** null for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

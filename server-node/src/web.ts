// The server's web side: /stats (the INFO document) and /health as real Faktory serves them, /metrics for Prometheus, and pages for
// people with buttons on them.
//
//   GET  ──▶ guard ──▶ page, made from the state                POST ──▶ guard ──▶ form ──▶ rules ──▶ stored ──▶ back to the page
//
// Invariant: a page never changes anything, and its text is escaped; an action is answered once what it did is stored, or with a 503 while the disk fails.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isLoopback, listenAddress } from '@jobstorm/program';
import { listen } from './listen.ts';
import type { TlsKeys } from './listener.ts';
import type { Manager } from './manager.ts';
import { act } from './web/actions.ts';
import { FormError, readForm } from './web/form.ts';
import { Guard, type Refusal } from './web/guard.ts';
import { contentSecurityPolicy, style } from './web/layout.ts';
import { makeRegistry } from './web/metrics.ts';
import { pages } from './web/pages.ts';

export interface WebOptions {
  host: string;
  port: number;
  /** Asked for by HTTP Basic, with any user name, for all but /health; null: not asked for. */
  password: string | null;
  /** Served by HTTPS with these; null: by HTTP. */
  tls: TlsKeys | null;
  manager: Manager;
  /** Settles once everything that was changed so far is stored. */
  stored(): Promise<void>;
  /** Why that will take a while; null: it won't. */
  stuck(): string | null;
}

export interface RunningWeb {
  url: string;
  close(): Promise<void>;
}

const text = 'text/plain; charset=utf-8';
const json = 'application/json';
/** A request has to be whole within this time. */
const requestMs = 10_000;
/** How often whoever waits for the disk is looked after. */
const lookEveryMs = 250;
const headers = {
  'cache-control': 'no-cache',
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not stricter: without a referrer browsers send no Origin with forms.
  'referrer-policy': 'same-origin',
};

/** @throws JobstormError when it can't listen there */
export async function startWeb(options: WebOptions): Promise<RunningWeb> {
  const site = new Site(options);
  const onRequest = (request: IncomingMessage, response: ServerResponse) => void site.serve(request, response);
  const limits = { requestTimeout: requestMs, headersTimeout: requestMs };
  const listener: Server = options.tls
    ? createTlsServer({ ...options.tls, ...limits, minVersion: 'TLSv1.2' }, onRequest)
    : createServer(limits, onRequest);
  const address = await listen(listener, options.host, options.port, '--web');
  return {
    url: `${options.tls ? 'https' : 'http'}://${listenAddress(address)}`,
    close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      listener.closeAllConnections();
      return closed;
    },
  };
}

class Site {
  readonly #manager: Manager;
  readonly #guard: Guard;
  readonly #stored: () => Promise<void>;
  readonly #stuck: () => string | null;
  readonly #metrics: ReturnType<typeof makeRegistry>;

  constructor({ manager, password, host, stored, stuck }: WebOptions) {
    this.#manager = manager;
    this.#guard = new Guard({ password, isLoopback: isLoopback(host) });
    this.#stored = stored;
    this.#stuck = stuck;
    this.#metrics = makeRegistry(manager);
  }

  /** Answers a request. Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    try {
      await this.#route(request, response);
    } catch (error) {
      if (response.headersSent || request.destroyed) response.destroy();
      else if (error instanceof FormError)
        send(response.setHeader('connection', 'close'), error.status, text, error.message);
      else send(response, 500, text, `this can't be shown: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    if (!URL.canParse(target, 'http://server')) return send(response, 400, text, 'that is not the address of a page');
    const { pathname, searchParams } = new URL(target, 'http://server');
    this.#manager.readClock();
    if (pathname === '/health') return send(response, 200, json, JSON.stringify(this.#manager.health()));
    const refusal = this.#guard.refusal(request.headers);
    if (refusal) return refuse(response, refusal);
    const name = pathname.slice(1);
    if (name === 'stats') return send(response, 200, json, JSON.stringify(this.#manager.info()));
    if (request.method === 'POST') return this.#act(name, request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(response.setHeader('allow', 'GET, HEAD, POST'), 405, text, `${request.method} means nothing here`);
    }
    if (name === 'metrics') return send(response, 200, this.#metrics.contentType, await this.#metrics.metrics());
    if (name === 'style.css') return send(response, 200, 'text/css; charset=utf-8', style);
    const page = pages.get(name);
    if (!page) return send(response, 404, text, 'no such page; / has links to all there are');
    send(response, 200, 'text/html; charset=utf-8', page(this.#manager, this.#guard.token, searchParams));
  }

  async #act(page: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await readForm(request);
    const refusal = this.#guard.crossSiteRefusal(request.headers, form.get('token'));
    if (refusal) return refuse(response, refusal);
    this.#manager.readClock();
    if (!act(this.#manager, page, form)) return send(response, 400, text, 'no page has a button for that');
    const stuck = await this.#storedOrStuck();
    if (stuck !== null)
      return send(response, 503, text, `done, but not stored yet: ${stuck}; it will be once that works`);
    response.setHeader('location', `./${page}`);
    send(response, 303, text, 'done');
  }

  /** Null once what was done is stored; else why it isn't. */
  #storedOrStuck(): Promise<string | null> {
    return new Promise((resolve) => {
      const finish = (stuck: string | null) => {
        clearInterval(timer);
        resolve(stuck);
      };
      const timer = setInterval(() => {
        const stuck = this.#stuck();
        if (stuck !== null) finish(stuck);
      }, lookEveryMs);
      void this.#stored().then(() => finish(null));
    });
  }
}

function refuse(response: ServerResponse, { status, text: reason }: Refusal): void {
  if (status === 401) response.setHeader('www-authenticate', 'Basic realm="Faktory"');
  send(response, status, text, reason);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(type === text ? `${body}\n` : body);
}

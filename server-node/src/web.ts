// The server's web side: GET /stats (the INFO document, which exporters read) and GET /health, as real Faktory serves them.

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenAddress } from '@jobstorm/program';
import { listen } from './listen.ts';
import type { Manager } from './manager.ts';

export interface WebOptions {
  host: string;
  port: number;
  /** Asked for by HTTP Basic, with any user name, for all but /health; null: not asked for. */
  password: string | null;
  manager: Manager;
}

export interface RunningWeb {
  url: string;
  close(): Promise<void>;
}

/** @throws JobstormError when it can't listen there */
export async function startWeb(options: WebOptions): Promise<RunningWeb> {
  const listener = createServer((request, response) => serve(options, request, response));
  const address = await listen(listener, options.host, options.port, '--web');
  return {
    url: `http://${listenAddress(address)}`,
    close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      listener.closeAllConnections();
      return closed;
    },
  };
}

function serve({ manager, password }: WebOptions, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').split('?', 1)[0];
  manager.readClock();
  const given = password === null ? null : basicPassword(request.headers.authorization);
  if (path === '/health') {
    send(response, 200, manager.health());
  } else if (password !== null && (given === null || !isSame(given, password))) {
    response.setHeader('www-authenticate', 'Basic realm="Faktory"');
    send(response, 401, given === null ? 'Authorization required' : 'Authorization failed');
  } else if (path === '/stats') {
    send(response, 200, manager.info());
  } else {
    send(response, 404, 'this server has /stats and /health');
  }
}

/** Text goes out as text, anything else as JSON. */
function send(response: ServerResponse, status: number, body: unknown): void {
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache' });
  response.end(typeof body === 'string' ? `${body}\n` : JSON.stringify(body));
}

function basicPassword(header: string | undefined): string | null {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (!encoded) return null;
  const text = Buffer.from(encoded, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}

/** Equal, in a time that says nothing about where they differ. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

// A worker on HTTP, for Prometheus and for health checks: GET /metrics, GET /health. It only answers; it changes nothing.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isOneOf, type ListenAddress, listenAddress } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';

/** What GET /health tells. */
export interface WorkerHealth {
  name: 'jobstorm';
  part: 'worker';
  version: string;
  /** At least one process is connected to the job server. */
  connected: boolean;
  processes: number;
  slots: { total: number; running: number };
}

export interface MetricsServerOptions {
  listen: ListenAddress;
  /** One of these is asked of whoever wants /metrics; empty: of nobody. */
  tokens: readonly string[];
  health: () => WorkerHealth;
  metrics: () => Promise<{ contentType: string; text: string }>;
}

export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #server: Server;

  private constructor(options: MetricsServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @throws JobstormError EADDRINUSE and the like when it can't listen there */
  static async start(options: MetricsServerOptions): Promise<MetricsServer> {
    const made = new MetricsServer(options);
    const { host, port } = options.listen;
    await new Promise<void>((resolve, reject) => {
      made.#server.once('error', (error: NodeJS.ErrnoException) => reject(cantListen(error, options.listen)));
      made.#server.listen(port, host, () => resolve());
    });
    return made;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${listenAddress({ host: this.#options.listen.host, port })}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') end(response, 405, 'only GET is answered here\n');
    else if (path === '/health') this.#health(response);
    else if (path !== '/metrics') end(response, 404, 'there are /metrics and /health\n');
    else if (this.#mayRead(request)) await this.#metrics(response);
    else end(response, 401, 'this worker asks for "authorization: Bearer TOKEN", where TOKEN is its JOBSTORM_TOKEN\n');
  }

  #mayRead({ headers }: IncomingMessage): boolean {
    const { tokens } = this.#options;
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    return tokens.length === 0 || (given !== undefined && isOneOf(given, tokens));
  }

  #health(response: ServerResponse): void {
    const health = this.#options.health();
    end(response, health.connected ? 200 : 503, `${JSON.stringify(health)}\n`, 'application/json; charset=utf-8');
  }

  async #metrics(response: ServerResponse): Promise<void> {
    const { contentType, text } = await this.#options.metrics();
    end(response, 200, text, contentType);
  }
}

function end(response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-cache' }).end(text);
}

function cantListen(error: NodeJS.ErrnoException, listen: ListenAddress): JobstormError {
  const { code = 'ELISTEN', message } = error;
  const where = listenAddress(listen);
  const why = code === 'EADDRINUSE' ? `${where} is taken by another program: choose another port` : message;
  return new JobstormError(code, `can't serve metrics on ${where}: ${why}`, { cause: error });
}

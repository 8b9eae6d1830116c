// A control room that says and hears what a test wants: parts connect to it as to the real one.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export class FakeRoom {
  /** Everything that parts said, in order, parsed. */
  readonly heard: Record<string, unknown>[] = [];
  /** The `authorization` that each connection came with. */
  readonly authorizations: (string | undefined)[] = [];
  readonly #server: WebSocketServer;
  readonly #sockets: WebSocket[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket, request) => {
      this.#sockets.push(socket);
      this.authorizations.push(request.headers.authorization);
      socket.on('error', () => {});
      socket.on('message', (data) => this.heard.push(JSON.parse(data.toString())));
    });
  }

  static async start(): Promise<FakeRoom> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new FakeRoom(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Hellos of parts, in order. */
  get hellos(): Record<string, unknown>[] {
    return this.heard.filter(({ type }) => type === 'hello');
  }

  /** To every part that is connected, or to the one that connected as number `at`. */
  send(message: object | string, at?: number): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    for (const socket of at === undefined ? this.#sockets : [this.#sockets[at]!])
      if (socket.readyState === socket.OPEN) socket.send(text);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#server.clients) socket.terminate();
    await closed;
  }
}

// A TCP proxy that misbehaves on demand, between a client and a server that are both real.
//
//   client ◀──▶ [ slices, latency, stall, blackhole, reset ] ◀──▶ target
//
// Faults are set on the proxy and hold for every connection from then on, those already open included.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { FaultPipe } from './fault-pipe.ts';

export type Side = 'client' | 'target';

interface Link {
  client: Socket;
  target: Socket;
  /** What is under way to that side. */
  readonly pipes: Readonly<Record<Side, FaultPipe>>;
  /** Once bytes were swallowed the stream can't be mended, so the link stays dark to its end. */
  dark: boolean;
}

export class FaultProxy {
  readonly host = '127.0.0.1';
  /** Each way, in ms. Order is kept. */
  latencyMs = 0;
  /** Instead, in ms for both ways together: the way there takes the odd one, so that 1 ms is one and not two timers' worth. */
  roundTripMs = 0;
  /** Pass on at most so many bytes at a time, a turn of the event loop apart; 0: as they come. */
  sliceBytes = 0;
  /** New connections are reset at once, as by a server that is going down. */
  refusing = false;
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #links = new Set<Link>();
  readonly #stalled = new Set<Side>();
  #dark = false;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  static async start(target: { host?: string; port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host: target.host ?? '127.0.0.1', port: target.port });
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, proxy.host, () => resolve());
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return address.port;
  }

  get url(): string {
    return `tcp://${this.host}:${this.port}`;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#links.size;
  }

  /** Swallows every byte both ways without telling anybody, as a cable that was pulled. New connections are taken, and dark. */
  blackhole(): void {
    this.#dark = true;
    for (const link of this.#links) {
      link.dark = true;
      for (const pipe of Object.values(link.pipes)) pipe.close();
    }
  }

  /** Stops reading from one side, so that its writes back up. */
  stall(side: Side): void {
    this.#stalled.add(side);
    for (const link of this.#links) link[side].pause();
  }

  /** Ends stalling, and darkness for new connections. */
  heal(): void {
    this.#dark = false;
    this.#stalled.clear();
    for (const link of this.#links) {
      link.client.resume();
      link.target.resume();
    }
  }

  /** Resets every open connection on both sides. */
  reset(): void {
    for (const link of this.#links) {
      link.client.resetAndDestroy();
      link.target.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const link of this.#links) {
      for (const pipe of Object.values(link.pipes)) pipe.close();
      link.client.destroy();
      link.target.destroy();
    }
    await closed;
  }

  #accept(client: Socket): void {
    client.on('error', () => {});
    if (this.refusing) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const pipes = { client: new FaultPipe(client), target: new FaultPipe(target) };
    const link: Link = { client, target, pipes, dark: this.#dark };
    this.#links.add(link);
    this.#pipe(link, 'client', 'target');
    this.#pipe(link, 'target', 'client');
  }

  #pipe(link: Link, from: Side, to: Side): void {
    const source = link[from];
    const pipe = link.pipes[to];
    source.on('data', (chunk: Buffer) => {
      if (!link.dark) pipe.write(chunk, this.#delayTo(to), this.sliceBytes);
    });
    source.on('end', () => {
      if (!link.dark) pipe.end();
    });
    // One side's end by error or reset is the other's as well, unless the link is dark: then nobody may notice.
    source.on('error', () => {
      if (!link.dark) link[to].resetAndDestroy();
    });
    source.on('close', () => {
      if (!link.client.destroyed || !link.target.destroyed) return;
      for (const each of Object.values(link.pipes)) each.close();
      this.#links.delete(link);
    });
    if (this.#stalled.has(from)) source.pause();
  }

  #delayTo(side: Side): number {
    const half = side === 'target' ? Math.ceil(this.roundTripMs / 2) : Math.floor(this.roundTripMs / 2);
    return this.latencyMs + half;
  }
}

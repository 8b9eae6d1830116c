// A job server that does what a test says, line by line: right answers, wrong ones, half of one, none at all. For showing
// how a client meets a server that is slow, broken or hostile.

import { createServer, type Server, type Socket } from 'node:net';
import { until } from './until.ts';

/** What to do after one line from the client. A bare string or bytes: send just that. */
export interface FakeAnswer {
  /** Sent as given; nothing is added. */
  bytes?: string | Uint8Array;
  /** Send at most so many bytes at a time, a turn of the event loop apart. The network may still join them. */
  sliceBytes?: number;
  /** close: FIN after the bytes. reset: RST after them. stall: read nothing more and answer nothing more. */
  after?: 'close' | 'reset' | 'stall';
}

export interface FakeLine {
  /** Which connection, in order of arrival, from 0. */
  connection: number;
  /** Which line of that connection, from 0 (HELLO usually). */
  index: number;
}

/** Says what to do with a line. undefined: the usual (HELLO gets +OK, anything else no answer). */
export type FakeScript = (line: string, at: FakeLine) => FakeAnswer | string | Uint8Array | undefined;

export interface FakeServerOptions {
  /** Sent on accept; null: nothing. */
  greeting?: FakeAnswer | string | null;
  script?: FakeScript;
}

export interface ReceivedLine extends FakeLine {
  line: string;
}

const usualGreeting = '+HI {"v":2}\r\n';

function asAnswer(answer: FakeAnswer | string | Uint8Array): FakeAnswer {
  return typeof answer === 'string' || answer instanceof Uint8Array ? { bytes: answer } : answer;
}

export class FakeServer {
  readonly host = '127.0.0.1';
  /** Every line received, over all connections, in order. */
  readonly received: ReceivedLine[] = [];
  /** The clients' sockets in order of arrival; closed ones stay in. */
  readonly sockets: Socket[] = [];
  readonly #server: Server;
  readonly #greeting: FakeAnswer | string | null;
  readonly #script: FakeScript;

  private constructor({ greeting = usualGreeting, script = () => undefined }: FakeServerOptions) {
    this.#greeting = greeting;
    this.#script = script;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  static async start(options: FakeServerOptions = {}): Promise<FakeServer> {
    const fake = new FakeServer(options);
    await new Promise<void>((resolve, reject) => {
      fake.#server.once('error', reject);
      fake.#server.listen(0, fake.host, () => resolve());
    });
    return fake;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the fake server is closed');
    return address.port;
  }

  get url(): string {
    return `tcp://${this.host}:${this.port}`;
  }

  /** The received lines that match. */
  linesLike(pattern: RegExp): string[] {
    return this.received.map(({ line }) => line).filter((line) => pattern.test(line));
  }

  /** Resolves with the first received line that matches, now or later. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string> {
    const bound = timeoutMs === undefined ? {} : { timeoutMs };
    return until(`a line like ${pattern}`, () => this.linesLike(pattern)[0], bound);
  }

  /** Says something unasked to every open connection. */
  broadcast(bytes: string | Uint8Array): void {
    for (const socket of this.sockets) if (socket.writable) socket.write(bytes);
  }

  /** Cuts every connection; new ones are still taken. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = this.sockets.push(socket) - 1;
    socket.on('error', () => {}); // A client that goes away is part of most scripts.
    socket.on('end', () => socket.end());
    // Answers keep the order of the lines, also while a sliced one is under way.
    let answers: Promise<void> =
      this.#greeting === null ? Promise.resolve() : this.#give(socket, asAnswer(this.#greeting));
    let partial = '';
    let index = 0;
    socket.setEncoding('utf8').on('data', (chunk) => {
      const text = String(chunk);
      partial += text;
      if (!text.includes('\n')) return; // A line of many MB must not be searched anew for each of its pieces.
      const lines = partial.split('\n');
      partial = lines.pop() ?? '';
      for (const raw of lines) {
        const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
        const at = { connection, index: index++ };
        this.received.push({ ...at, line });
        const answer = this.#script(line, at) ?? (line.startsWith('HELLO ') ? '+OK\r\n' : undefined);
        if (answer !== undefined) answers = answers.then(() => this.#give(socket, asAnswer(answer)));
      }
    });
  }

  async #give(socket: Socket, { bytes = '', sliceBytes, after }: FakeAnswer): Promise<void> {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const step = sliceBytes ?? (buffer.length || 1);
    for (let at = 0; at < buffer.length && socket.writable; at += step) {
      socket.write(buffer.subarray(at, at + step));
      if (sliceBytes !== undefined) await new Promise((next) => setImmediate(next));
    }
    if (after === 'close') socket.end();
    else if (after === 'reset') socket.resetAndDestroy();
    else if (after === 'stall') {
      socket.pause();
      await new Promise<void>((gone) => socket.once('close', () => gone()));
    }
  }
}

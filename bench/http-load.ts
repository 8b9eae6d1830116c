// A lean HTTP/1.1 generator: each connection has one request under way and sends the next when the answer is whole. It writes
// prepared bytes and reads no more of an answer than its status, its length and a text that has to stand in it, so that what
// answers is the limit and not this.

import { connect, type Socket } from 'node:net';

export interface HttpLoad {
  port: number;
  connections: number;
  /** The next request, whole; null: no more. */
  next(): Buffer | null;
  /** Has to stand in every answer's body; empty: anything goes. */
  mustSay: string;
}

/** A request with a JSON body, as bytes. */
export function postBytes(path: string, body: string): Buffer {
  const length = Buffer.byteLength(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
  return Buffer.from(head + body);
}

const lengthHeader = /\r\ncontent-length: *(\d+)/i;

class Lane {
  readonly #socket: Socket;
  readonly #load: HttpLoad;
  readonly #over: (error: Error | null) => void;
  #text = '';
  /** Of the answer under way, with its head; 0: its head is not whole yet. */
  #length = 0;
  answered = 0;

  constructor(load: HttpLoad, over: (error: Error | null) => void) {
    this.#load = load;
    this.#over = over;
    this.#socket = connect({ host: '127.0.0.1', port: load.port, noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('connect', () => this.#send());
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('the server closed a connection')));
  }

  #send(): void {
    const request = this.#load.next();
    if (request) this.#socket.write(request);
    else this.#end(null);
  }

  #take(text: string): void {
    this.#text = this.#text === '' ? text : this.#text + text;
    if (this.#length === 0) {
      const headEnd = this.#text.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const bodyBytes = lengthHeader.exec(this.#text.slice(0, headEnd))?.[1];
      if (!this.#text.startsWith('HTTP/1.1 2') || bodyBytes === undefined) {
        this.#end(new Error(`a request was answered with: ${this.#text.slice(0, 500)}`));
        return;
      }
      this.#length = headEnd + 4 + Number(bodyBytes);
    }
    if (this.#text.length < this.#length) return;
    if (!this.#text.includes(this.#load.mustSay)) {
      this.#end(new Error(`an answer without ${this.#load.mustSay}: ${this.#text.slice(0, 500)}`));
      return;
    }
    this.#text = '';
    this.#length = 0;
    this.answered++;
    this.#send();
  }

  #end(error: Error | null): void {
    this.#socket.destroy();
    this.#over(error);
  }
}

/** Sends until there are no more requests and all are answered. Resolves with the number of answers and the time, in ms. */
export async function runHttpLoad(load: HttpLoad): Promise<{ answered: number; tookMs: number }> {
  const startMs = performance.now();
  const lanes: Lane[] = [];
  await Promise.all(
    Array.from(
      { length: load.connections },
      () =>
        new Promise<void>((resolve, reject) => {
          lanes.push(new Lane(load, (error) => (error ? reject(error) : resolve())));
        }),
    ),
  );
  const answered = lanes.reduce((sum, lane) => sum + lane.answered, 0);
  return { answered, tookMs: performance.now() - startMs };
}

/** Gives the same requests in turn for so long. */
export function forDuration(requests: readonly Buffer[], durationMs: number): HttpLoad['next'] {
  const endMs = performance.now() + durationMs;
  let at = 0;
  return () => (performance.now() < endMs ? requests[at++ % requests.length]! : null);
}

/** Gives each request once. */
export function onceEach(requests: readonly Buffer[]): HttpLoad['next'] {
  let at = 0;
  return () => requests[at++] ?? null;
}

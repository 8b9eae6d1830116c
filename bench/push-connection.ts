// A connection for single PUSHes that costs its process as little as Node lets it: lines written beforehand, replies read into one buffer
// and counted. The process that pushes shares the machine with the server, and must not be what is measured.
// Invariant: every reply that is counted was +OK; anything else, or an end before `destroy`, is told by `onError`.

import { connect, type Socket } from 'node:net';
import { type JobShape, jobText } from './backlog.ts';

const ok = Buffer.from('+OK\r\n');
const bufferBytes = 4096;

/** A PUSH each, for so many jobs from number `first` on. */
export const pushLines = (shape: JobShape, first: number, jobs: number): Buffer[] =>
  Array.from({ length: jobs }, (_, i) => Buffer.from(`PUSH ${jobText(shape, first + i)}\r\n`, 'latin1'));

export class PushConnection {
  readonly #socket: Socket;
  /** Bytes of replies that came, ever. */
  #bytes = 0;
  /** Hears how many replies came. */
  onReplies: (count: number) => void = () => {};
  onError: (error: Error) => void = () => {};

  private constructor(port: number, onGreeting: (text: string) => boolean) {
    const buffer = Buffer.alloc(bufferBytes);
    let isGreeted = false;
    const callback = (bytes: number) => {
      if (isGreeted) this.#count(buffer, bytes);
      else isGreeted = onGreeting(buffer.toString('latin1', 0, bytes));
      return true;
    };
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer, callback } });
    this.#socket.on('error', (error) => this.onError(error));
    this.#socket.on('end', () => this.onError(new Error('the server ended a connection')));
  }

  /** Resolves once it is past its HELLO; the server must not ask for a password. */
  static open(port: number): Promise<PushConnection> {
    return new Promise((resolve, reject) => {
      let said = '';
      const connection: PushConnection = new PushConnection(port, (text) => {
        const hadHi = said.includes('\r\n');
        said += text;
        if (!hadHi && said.includes('\r\n')) connection.push(Buffer.from('HELLO {"v":2}\r\n'));
        if (!said.endsWith('\r\n+OK\r\n')) return false;
        resolve(connection);
        return true;
      });
      connection.onError = reject;
    });
  }

  push(line: Buffer): void {
    this.#socket.write(line);
  }

  destroy(): void {
    this.onError = () => {};
    this.#socket.destroy();
  }

  #count(buffer: Buffer, bytes: number): void {
    const before = this.#bytes;
    for (let i = 0; i < bytes; i++) {
      if (buffer[i] === ok[(before + i) % ok.length]) continue;
      this.onError(new Error(`a PUSH was answered with ${JSON.stringify(buffer.toString('latin1', 0, bytes))}`));
      return;
    }
    this.#bytes = before + bytes;
    const count = Math.floor(this.#bytes / ok.length) - Math.floor(before / ok.length);
    if (count > 0) this.onReplies(count);
  }
}

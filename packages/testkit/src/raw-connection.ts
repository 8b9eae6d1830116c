// A bare FWP connection: it sends the bytes that a test gives and hands back replies one by one as they stood on the wire.
// It shares no code with packages/protocol, so that a mistake there can't hide itself in a test of both ends.
//
//   socket ──▶ unread bytes ──▶ replies ──▶ reply()          at the end of the stream reply() gives null for ever

import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** One reply without its last CRLF: `+OK`, `-ERR text`, `$-1`, or `$5\r\nhello`. */
export type RawReply = string;

/** Fields of a HELLO; the password, if any, is hashed into `pwdhash`. */
export type RawHello = Record<string, unknown>;

/** Where to connect; with `ca`, a certificate to trust, by TLS. */
export interface RawAddress {
  host?: string;
  port: number;
  ca?: string;
}

/** Length in bytes of the first reply in `unread`, its CRLF included, though the rest of a bulk may yet have to come; 0: not known yet. */
function replyLength(unread: Buffer): number {
  const lineEnd = unread.indexOf('\r\n');
  if (lineEnd < 0) return 0;
  if (unread[0] !== 0x24) return lineEnd + 2;
  const bodyBytes = Number(unread.toString('latin1', 1, lineEnd));
  return bodyBytes < 0 ? lineEnd + 2 : lineEnd + 2 + bodyBytes + 2;
}

/** Lower-case hex of SHA-256 over password + salt, applied `iterations` times (FWP, section Authentication). */
export function rawPasswordHash(password: string, salt: string, iterations: number): string {
  let digest = createHash('sha256')
    .update(password + salt)
    .digest();
  for (let round = 1; round < iterations; round++) digest = createHash('sha256').update(digest).digest();
  return digest.toString('hex');
}

export class RawConnection {
  readonly socket: Socket;
  readonly #replies: RawReply[] = [];
  readonly #waiting: ((reply: RawReply | null) => void)[] = [];
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  /** Length of the reply at the head of `#unread`; 0 while its line is not whole. */
  #neededBytes = 0;
  #ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    // A reset is an end like any other to whoever waits for a reply.
    socket.on('error', () => this.#end());
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  /** Connects; nothing has been read or sent yet. */
  static open({ host = '127.0.0.1', port, ca }: RawAddress): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const options = { host, port, allowHalfOpen: true };
      const socket = ca === undefined ? connect(options) : connectTls({ ...options, ca });
      socket.once('error', reject);
      socket.once(ca === undefined ? 'connect' : 'secureConnect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  /** Connects and shakes hands; the first reply still to read is the next command's. */
  static async greeted(address: RawAddress, hello: RawHello = {}, password = ''): Promise<RawConnection> {
    const connection = await RawConnection.open(address);
    const answer = await connection.greet(hello, password);
    if (answer === '+OK') return connection;
    connection.destroy();
    throw new Error(`HELLO was answered with ${answer === null ? 'a close' : JSON.stringify(answer)}`);
  }

  /** Reads HI, sends HELLO (v 2 unless `hello` says otherwise) and resolves with its answer. */
  async greet(hello: RawHello = {}, password = ''): Promise<RawReply | null> {
    const hi = await this.reply();
    if (hi === null || !hi.startsWith('+HI {')) throw new Error(`expected +HI {…}, got ${JSON.stringify(hi)}`);
    const { s, i } = JSON.parse(hi.slice('+HI '.length)) as { s?: string; i?: number };
    const pwdhash = s !== undefined && password !== '' ? { pwdhash: rawPasswordHash(password, s, i ?? 1) } : {};
    return this.call(`HELLO ${JSON.stringify({ v: 2, ...pwdhash, ...hello })}`);
  }

  /** Sends bytes as they are. */
  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends one line (CRLF is added) and resolves with the next reply. */
  call(line: string, timeoutMs?: number): Promise<RawReply | null> {
    this.send(`${line}\r\n`);
    return this.reply(timeoutMs);
  }

  /** The next reply; null once the stream has ended. @throws Error when none comes within `timeoutMs` */
  reply(timeoutMs = 10_000): Promise<RawReply | null> {
    const ready = this.#replies.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      const waiter = (reply: RawReply | null) => {
        clearTimeout(timer);
        resolve(reply);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(
          new Error(
            `no reply within ${timeoutMs} ms; unread: ${JSON.stringify(this.unread.toString('latin1', 0, 200))}`,
          ),
        );
      }, timeoutMs);
      this.#waiting.push(waiter);
    });
  }

  /** True once the peer ended the stream (FIN or RST). */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes received that are no whole reply yet. */
  get unread(): Buffer {
    return Buffer.concat(this.#unread);
  }

  /** Sends FIN and goes on reading. */
  halfClose(): void {
    this.socket.end();
  }

  /** Ends at once; replies that wait resolve with null. */
  destroy(): void {
    this.socket.destroy();
    this.#end();
  }

  /** Ends with a reset instead of a FIN. */
  reset(): void {
    this.socket.resetAndDestroy();
    this.#end();
  }

  #take(chunk: Buffer): void {
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    // Joined only when that can complete a reply, so that one of many MB costs one copy.
    if (this.#neededBytes > 0 ? this.#unreadBytes < this.#neededBytes : !chunk.includes(0x0a)) return;
    let rest: Buffer = Buffer.concat(this.#unread);
    this.#neededBytes = replyLength(rest);
    while (this.#neededBytes > 0 && rest.length >= this.#neededBytes) {
      const reply = rest.toString('utf8', 0, this.#neededBytes - 2);
      rest = rest.subarray(this.#neededBytes);
      this.#neededBytes = replyLength(rest);
      const waiter = this.#waiting.shift();
      if (waiter) waiter(reply);
      else this.#replies.push(reply);
    }
    this.#unread = [rest];
    this.#unreadBytes = rest.length;
  }

  #end(): void {
    this.#ended = true;
    for (const waiter of this.#waiting.splice(0)) waiter(null);
  }
}

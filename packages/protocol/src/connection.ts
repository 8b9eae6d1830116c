// One connection to a job server. Commands are pipelined: they leave in one write per turn of the event loop, and replies are
// matched to them in order.
//
//   send() ─▶ outgoing text ──setImmediate──▶ socket ─▶ server ─▶ socket ─▶ decoder ─▶ first of the pending sinks
//
// Invariants: every command sent gets exactly one onReply or onError; after the end of the connection, whatever ended it,
// nothing is pending and no timer runs. A missed deadline ends the connection, since its replies can't be told apart any more.

import net from 'node:net';
import tls from 'node:tls';
import type { ServerAddress } from './address.ts';
import { badPassword, explain, garbled, gone, late, unasked } from './connection-error.ts';
import { type JobstormError, ProtocolError, ServerError } from './error.ts';
import { helloLine, type WorkerIdentity } from './handshake.ts';
import { PendingReplies } from './pending-replies.ts';
import { PromiseSink } from './promise-sink.ts';
import type { ReplyKind, ReplySink } from './reply.ts';
import { ReplyDecoder } from './reply-decoder.ts';
import { toByteText } from './wire-text.ts';

export interface ConnectionOptions {
  address: ServerAddress;
  /** Given: the connection is one of this worker's. */
  worker?: WorkerIdentity;
  /** For TCP and handshake together; default 5000. */
  connectTimeoutMs?: number;
  /** For tcp+tls: authorities to trust besides the usual ones, as PEM; NODE_EXTRA_CA_CERTS names a file of them for a whole process. */
  ca?: string;
  /** How long a command may wait for its reply when it doesn't say so itself; default 10,000. */
  deadlineMs?: number;
  /**
   * Owing replies, the server may say nothing at all for this long; default: as long as the deadlines allow, which for many pipelined
   * FETCHes is minutes. Must be more than the 2 s that each of them may block.
   */
  silenceMs?: number;
}

const sweepEveryMs = 250;
/** How many sweeps a server that owes no reply may take to close its side. */
const closingSweeps = 8;
/** Above this many bytes not yet taken by the socket, `congested` is true. */
const congestedBytes = 1024 * 1024;

// Reads are handled before the next one starts, so all connections of a process read into the same memory.
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * The reading side of all connections of this process, kept up to date for callers that would otherwise read the clock per
 * reply: while a sink's `onReply` runs, `lastMs` is when its chunk was read (as `performance.now()`), `count` the chunks so far.
 */
export const reads = { lastMs: 0, count: 0 };

function secure(options: net.TcpNetConnectOpts, ca: string | undefined): net.Socket {
  const authorities = ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] };
  return tls.connect({ ...options, ...authorities, minVersion: 'TLSv1.2' });
}

export class Connection {
  readonly address: ServerAddress;
  /** Settles, never rejects, once the connection has ended: null after `close` and `finish`, else why. */
  readonly closed: Promise<JobstormError | null>;
  readonly #socket: net.Socket;
  readonly #decoder: ReplyDecoder;
  readonly #pending = new PendingReplies();
  readonly #deadlineMs: number;
  readonly #silenceMs: number;
  /** Sweeps' time since something was read, or nothing was owed. */
  #silentMs = 0;
  readonly #sweeper: NodeJS.Timeout;
  /** Byte text that leaves with the next flush. */
  #outgoing = '';
  #flushing = false;
  /** Counts on with each sweep, in ms. So it stands still while this process is stalled, which is no fault of the server. */
  #clockMs = 0;
  #reading = true;
  #ending = false;
  #closingSweepsLeft = closingSweeps;
  #error: JobstormError | null = null;
  #ended = false;
  #settleClosed!: (error: JobstormError | null) => void;
  #drainWaiters: (() => void)[] = [];

  /**
   * Connects and shakes hands. `signal` gives it up; it has no effect on a connection that is open.
   * @throws ConnectionError ECONNREFUSED, ETIMEDOUT, EPASSWORD, ECLOSED or the system's code; ProtocolError
   */
  static async open(options: ConnectionOptions, signal?: AbortSignal): Promise<Connection> {
    const { address, connectTimeoutMs = 5000 } = options;
    const connection = new Connection(options);
    const timeout = setTimeout(() => {
      connection.destroy(
        late(
          address,
          `did not answer as a job server within ${connectTimeoutMs} ms: check the address, the port and any firewall`,
        ),
      );
    }, connectTimeoutMs);
    const abort = () => connection.destroy();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      const greeting = await connection.#greeting();
      await connection.call(helloLine(greeting, address, options.worker ?? null));
      // "too many connections" comes right behind the +OK.
      if (!connection.open) throw connection.#error ?? gone(address);
      return connection;
    } catch (error) {
      connection.destroy();
      await connection.closed;
      if (error instanceof ServerError && /password/i.test(error.message)) {
        throw badPassword(address);
      }
      throw error;
    } finally {
      clearTimeout(timeout);
      signal?.removeEventListener('abort', abort);
    }
  }

  private constructor({ address, deadlineMs = 10_000, silenceMs = Number.POSITIVE_INFINITY, ca }: ConnectionOptions) {
    this.address = address;
    this.#deadlineMs = deadlineMs;
    this.#silenceMs = silenceMs;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#decoder = new ReplyDecoder((kind, text) => this.#take(kind, text));
    const options: net.TcpNetConnectOpts = {
      host: address.host,
      port: address.port,
      noDelay: true,
      keepAlive: true,
      onread: { buffer: readBuffer, callback: (bytes, buffer) => this.#read(bytes, buffer as Buffer) },
    };
    this.#socket = address.tls ? secure(options, ca) : net.connect(options);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      // How a server takes its leave that owes nothing is no error.
      if (!this.#ending || this.#pending.length > 0) this.destroy(explain(address, error));
    });
    this.#socket.on('drain', () => this.#drained());
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#end());
    this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs).unref();
  }

  /** Commands sent and not answered. */
  get pending(): number {
    return this.#pending.length;
  }

  /** False from the moment that it takes no more commands. */
  get open(): boolean {
    return !this.#ended && !this.#ending && this.#error === null;
  }

  /** The server reads more slowly than commands are sent: wait for `drained` before sending much. */
  get congested(): boolean {
    return this.#outgoing.length + this.#socket.writableLength > congestedBytes;
  }

  /** Settles when the connection is not congested, or has ended. */
  drained(): Promise<void> {
    if (!this.congested || !this.open) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Sends one command (a line without its end). Its reply goes to `sink`; on an ended connection `onError` is called at once. */
  send(line: string, sink: ReplySink, deadlineMs: number = this.#deadlineMs): void {
    this.sendByteText(toByteText(line), sink, deadlineMs);
  }

  /** As `send`, for a line that is ASCII, or has one character a byte (see `toByteText`). */
  sendByteText(line: string, sink: ReplySink, deadlineMs: number = this.#deadlineMs): void {
    if (!this.open) {
      sink.onError(this.#error ?? gone(this.address));
      return;
    }
    this.#pending.push(sink, this.#clockMs + deadlineMs);
    this.#outgoing += line;
    this.#outgoing += '\r\n';
    if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(() => this.#flush());
    }
  }

  /**
   * Sends one command. Resolves with the text of its reply, null for nil.
   * @throws ServerError for `-` replies; ConnectionError when the connection ended first: the server may have done it or not
   */
  call(line: string, deadlineMs: number = this.#deadlineMs): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.send(line, new PromiseSink(resolve, reject), deadlineMs);
    });
  }

  /** Stops reading: replies gather in the socket until `resumeReading`, and one wake-up then takes them all. */
  pauseReading(): void {
    if (!this.#reading || this.#ended) return;
    this.#reading = false;
    this.#socket.pause();
  }

  resumeReading(): void {
    if (this.#reading || this.#ended) return;
    this.#reading = true;
    this.#socket.resume();
  }

  /** Sends nothing more, says so to the server (half-close), takes the replies that are due, and settles once it has ended. */
  async finish(): Promise<void> {
    if (this.open) {
      this.#ending = true;
      this.#flush();
      this.resumeReading();
      this.#socket.end();
    }
    await this.closed;
  }

  /** Waits for the replies that are due, then ends with END. */
  async close(): Promise<void> {
    if (this.open) {
      this.#outgoing += 'END\r\n';
      await this.finish();
    }
    await this.closed;
  }

  /** Ends it at once; what is pending gets `error`. */
  destroy(error?: JobstormError): void {
    if (this.#ended) return;
    this.#error ??= error ?? gone(this.address);
    this.#socket.destroy();
  }

  #greeting(): Promise<string> {
    return new Promise((resolve, reject) => {
      const sink = new PromiseSink((text) => resolve(text ?? ''), reject);
      this.#pending.push(sink, Number.POSITIVE_INFINITY);
    });
  }

  #read(bytes: number, buffer: Buffer): boolean {
    reads.lastMs = performance.now();
    reads.count++;
    this.#silentMs = 0;
    try {
      this.#decoder.write(buffer.subarray(0, bytes));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.destroy(garbled(this.address, error));
    }
    return this.#reading;
  }

  #take(kind: ReplyKind, text: string): void {
    const sink = this.#pending.shift();
    if (sink) sink.onReply(kind, text);
    else this.destroy(unasked(this.address, kind, text));
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#outgoing === '' || this.#ended) return;
    const text = this.#outgoing;
    this.#outgoing = '';
    // What the system takes at once gives no 'drain'.
    if (this.#socket.write(text, 'latin1')) this.#drained();
  }

  #drained(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = [];
    for (const waiter of waiters) waiter();
  }

  #sweep(): void {
    // A command sent just before a sweep has that sweep's time still to come, so deadlines are held against the time before it.
    const nowMs = this.#clockMs;
    this.#clockMs += sweepEveryMs;
    if (this.#ending && this.#pending.length === 0) {
      if (--this.#closingSweepsLeft === 0) this.#socket.destroy();
      return;
    }
    if (!this.#overdue(nowMs)) {
      this.#silentMs = this.#pending.length === 0 ? 0 : this.#silentMs + sweepEveryMs;
      return;
    }
    // If this process was stalled the reply may lie in the socket: it is read before immediates run.
    setImmediate(() => {
      if (!this.#overdue(nowMs)) return;
      this.destroy(late(this.address, 'did not answer a command in time; it may have been carried out or not'));
    });
  }

  #overdue(nowMs: number): boolean {
    return this.#pending.length > 0 && (this.#silentMs >= this.#silenceMs || this.#pending.anyExpired(nowMs));
  }

  #end(): void {
    this.#ended = true;
    clearInterval(this.#sweeper);
    const error = this.#error ?? (this.#ending && this.#pending.length === 0 ? null : gone(this.address));
    this.#error = error;
    for (let sink = this.#pending.shift(); sink; sink = this.#pending.shift())
      sink.onError(error ?? gone(this.address));
    this.#drained();
    this.#settleClosed(error);
  }
}

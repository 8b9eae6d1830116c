// Keeps one connection up: opens it, and opens it again when it ends, with waits that double up to a cap.
//
//   opening ──▶ up ──(connection ended)──▶ waiting ──▶ opening …        stop() from anywhere ──▶ stopped
//
// Invariant: at most one connection at a time; after `stop` none, and no timer.

import { describeAddress } from './address.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { ConnectionError, type JobstormError } from './error.ts';

export interface LinkOptions extends ConnectionOptions {
  /** Called with each new connection, ready for commands. */
  onUp?: (connection: Connection) => void;
  /** Called when a connection ended or could not be opened, with the reason; no more after `stop`. */
  onDown?: (error: JobstormError) => void;
  /** First wait before opening again, doubling up to `maxWaitMs`; defaults 50 and 2000. */
  minWaitMs?: number;
  maxWaitMs?: number;
  /** In place of `connectTimeoutMs` when it is opened again: who waits long for one that is lost is late for the next. */
  reopenTimeoutMs?: number;
}

export class Link {
  readonly #options: LinkOptions;
  #connection: Connection | null = null;
  #stopped = false;
  #waitMs: number;
  #wake: (() => void) | null = null;
  readonly #opening = new AbortController();
  readonly #reopening: ConnectionOptions;
  /** Settles when the loop has ended. */
  #loop: Promise<void> | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#waitMs = options.minWaitMs ?? 50;
    const { reopenTimeoutMs } = options;
    this.#reopening = reopenTimeoutMs === undefined ? options : { ...options, connectTimeoutMs: reopenTimeoutMs };
  }

  /** The connection that is up; null while there is none. */
  get connection(): Connection | null {
    return this.#connection;
  }

  /**
   * Opens the first connection, then keeps one up in the background.
   * @throws what `Connection.open` throws; the link is then stopped
   */
  async start(): Promise<void> {
    const first = await this.#open();
    if (!(first instanceof Connection)) {
      this.#stopped = true;
      throw first;
    }
    if (this.#stopped) {
      first.destroy();
      throw new ConnectionError('ECLOSED', `the link to ${describeAddress(this.#options.address)} was stopped`);
    }
    this.#loop = this.#run(first);
  }

  /** Keeps one up in the background, and goes on trying when the first can't be opened. */
  startInBackground(): void {
    this.#loop = this.#run(null);
  }

  /** Gives up opening, and ends the connection that is up by `end`: `close` waits for its replies and is the default. */
  async stop(end: (connection: Connection) => unknown = (connection) => connection.close()): Promise<void> {
    this.#stopped = true;
    this.#opening.abort();
    this.#wake?.();
    if (this.#connection) await end(this.#connection);
    await this.#loop;
  }

  async #run(first: Connection | null): Promise<void> {
    let next = first;
    while (!this.#stopped || next) {
      const ended = await (next ? this.#serve(next) : this.#open(this.#reopening));
      next = null;
      if (ended instanceof Connection) {
        next = ended;
        continue;
      }
      if (this.#stopped) break;
      if (ended) this.#options.onDown?.(ended);
      await this.#wait();
    }
  }

  async #open(options: ConnectionOptions = this.#options): Promise<Connection | JobstormError> {
    try {
      return await Connection.open(options, this.#opening.signal);
    } catch (error) {
      return error as JobstormError;
    }
  }

  async #serve(connection: Connection): Promise<JobstormError | null> {
    if (this.#stopped) {
      await connection.close();
      return null;
    }
    const since = performance.now();
    this.#connection = connection;
    this.#options.onUp?.(connection);
    const error = await connection.closed;
    this.#connection = null;
    // A connection that lasted was no failed try.
    if (performance.now() - since > 1000) this.#waitMs = this.#options.minWaitMs ?? 50;
    return error;
  }

  #wait(): Promise<void> {
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(waitMs * 2, this.#options.maxWaitMs ?? 2000);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

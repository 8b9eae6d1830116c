// A websocket client that stays: it reconnects with a capped backoff for as long as it is not closed, and never throws.
//
//   waiting ──▶ connecting ──▶ open ──▶ (lost, refused) ──▶ waiting …          close(): from any state to closed, for good
//
// It holds no message: what can't be sent now is not sent. Its timers don't keep a process alive.

import { WebSocket } from 'ws';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5000;
/** The pause before an attempt, in parts of what it would be: spread, so that hundreds of workers don't come back to a restarted room in one moment. */
const SPREAD = { least: 0.75, most: 1.25 };
/** The longest pause between two attempts, in ms. */
export const LONGEST_RETRY_MS = MAX_RETRY_MS * SPREAD.most;
/** A connection that lasted this long was a good one: after it the backoff starts anew. */
const GOOD_AFTER_MS = 2000;
const CLOSE_DEADLINE_MS = 1000;

export interface RoomLinkOptions {
  /** ws://… with its path. */
  url: string;
  /** Sent as a bearer token. */
  token?: string | undefined;
  /** Largest message taken, in bytes; a larger one ends the connection. */
  maxPayloadBytes?: number;
  onOpen(): void;
  onText(text: string): void;
  /** The connection was lost, or could not be made: why, in a few words. Called once for every attempt. */
  onAway?(reason: string): void;
}

export class RoomLink {
  #options: RoomLinkOptions;
  #socket: WebSocket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(options: RoomLinkOptions) {
    this.#options = options;
    this.#connect();
  }

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes accepted by `send` that the system has not taken yet. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** False, and nothing is sent, unless the link is open. */
  send(text: string): boolean {
    if (!this.open) return false;
    this.#socket!.send(text, () => {});
    return true;
  }

  /** Ends the current connection, if any; the next one is made after the backoff. */
  drop(): void {
    this.#socket?.terminate();
  }

  #connect(): void {
    const { url, token, maxPayloadBytes, onOpen, onText, onAway } = this.#options;
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      handshakeTimeout: 5000,
      maxPayload: maxPayloadBytes ?? 1 << 20,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    let reason = '';
    let openedAtMs = 0;
    this.#socket = socket;
    socket.on('open', () => {
      openedAtMs = performance.now();
      onOpen();
    });
    socket.on('message', (data, isBinary) => {
      if (!isBinary && !this.#closed) onText(data.toString());
    });
    socket.on('error', (error) => {
      reason = error.message || (error as NodeJS.ErrnoException).code || error.name;
    });
    socket.on('close', (code, text) => {
      this.#socket = null;
      if (this.#closed) return;
      if (openedAtMs > 0 && performance.now() - openedAtMs >= GOOD_AFTER_MS) this.#retryMs = FIRST_RETRY_MS;
      this.#retryLater();
      onAway?.(reason || text.toString() || `closed with code ${code}`);
    });
  }

  #retryLater(): void {
    const delayMs = this.#retryMs * (SPREAD.least + Math.random() * (SPREAD.most - SPREAD.least));
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    this.#retry = setTimeout(() => this.#connect(), delayMs).unref();
  }

  /** Settles once the connection is gone, a second later at most. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    const socket = this.#socket;
    if (!socket) return;
    const gone = new Promise((resolve) => socket.once('close', resolve));
    const deadline = setTimeout(() => socket.terminate(), CLOSE_DEADLINE_MS);
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    else socket.close(1000);
    await gone;
    clearTimeout(deadline);
  }
}

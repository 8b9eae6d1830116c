// The websocket to the control room: it comes back by itself, says what the page has, and gets what is missing.
//
//   connecting ──▶ live ──▶ (lost) ──▶ stale, since … ──▶ connecting …          refused (401) ──▶ asks for the token

import type { LiveMessage } from '../src/live-sockets.ts';

export interface LiveListener {
  onMessage(message: LiveMessage): void;
  /** null: it is live; else since when what is shown is old, in epoch ms. */
  onStale(sinceMs: number | null): void;
  /** What the page has, for a connection that comes back. */
  position(): { run: string; lines: number } | null;
}

const firstRetryMs = 300;
const mostRetryMs = 5000;
/** News come at least this often while anything is connected to the room; the room's own server view changes every second. */
const silentAfterMs = 5000;

export class Live {
  readonly #listener: LiveListener;
  #room: string | null = null;
  #socket: WebSocket | null = null;
  #retryMs = firstRetryMs;
  /** When something came last: by the clock on the wall, to be told, and by one that does not jump. */
  #heardMs = Date.now();
  #heardAt = performance.now();
  #stale = false;
  #stopped = false;

  constructor(listener: LiveListener) {
    this.#listener = listener;
    setInterval(() => this.#check(), 1000);
  }

  connect(): void {
    this.#stopped = false;
    const query = new URLSearchParams();
    const position = this.#listener.position();
    if (this.#room && position) {
      query.set('room', this.#room);
      query.set('run', position.run);
      query.set('lines', String(position.lines));
    }
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/live?${query}`);
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.#heard();
      const message = JSON.parse(String(data)) as LiveMessage;
      this.#room = message.room;
      this.#retryMs = firstRetryMs;
      this.#listener.onMessage(message);
    });
    socket.addEventListener('close', () => this.#lost(socket));
  }

  #heard(): void {
    this.#heardMs = Date.now();
    this.#heardAt = performance.now();
    if (!this.#stale) return;
    this.#stale = false;
    this.#listener.onStale(null);
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#tellStale();
    if (this.#stopped) return;
    setTimeout(() => this.connect(), this.#retryMs);
    this.#retryMs = Math.min(mostRetryMs, this.#retryMs * 2);
  }

  #tellStale(): void {
    if (this.#stale) return;
    this.#stale = true;
    this.#listener.onStale(this.#heardMs);
  }

  /** A socket that is open and silent is no proof that the figures are of now: a room always has the clock of its job server's view. */
  #check(): void {
    if (this.#socket?.readyState === WebSocket.OPEN && performance.now() - this.#heardAt > silentAfterMs)
      this.#socket.close();
  }

  /** Until `connect` is called again. */
  stop(): void {
    this.#stopped = true;
    this.#socket?.close();
  }
}

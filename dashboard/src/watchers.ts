// The websockets of /watch: each gets everything once, then what changed, twice a second at most. After a poll that brought
// completions the message goes at once, so that whoever waits for the last job does not wait half a second for it.
//
//   change ──▶ #changed ──▶ (every 500 ms, or a poll's end) ──▶ one message, made once, to every watcher that takes it
//
// Invariant: a watcher whose buffer is not empty enough gets no message, only later a complete one; one that takes nothing
// for long is closed. So no watcher costs more memory than MAX_BUFFERED_BYTES and one message.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ControlRoom } from './control-room.ts';
import type { RunSummary, WatchMessage } from './view.ts';

const INTERVAL_MS = 500;
const MAX_BUFFERED_BYTES = 256 << 10;
/** A watcher that takes nothing for this long is closed. */
const STUCK_AFTER_MS = 30_000;

interface Watcher {
  /** When the first message came that it could not take; null: it took the last one. */
  stuckSinceMs: number | null;
}

export interface WatchersOptions {
  intervalMs?: number;
  /** Monotonic, in ms: the system's clock may jump. */
  now?: () => number;
}

export class Watchers {
  readonly #room: ControlRoom;
  readonly #now: () => number;
  readonly #intervalMs: number;
  readonly #watchers = new Map<WebSocket, Watcher>();
  readonly #changed = new Set<string>();
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 4096, perMessageDeflate: false });
  readonly #unsubscribe: () => void;
  #news = false;
  #completions = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(room: ControlRoom, { intervalMs = INTERVAL_MS, now = () => performance.now() }: WatchersOptions = {}) {
    this.#room = room;
    this.#now = now;
    this.#intervalMs = intervalMs;
    this.#unsubscribe = room.subscribe(({ runs }) => {
      if (this.#watchers.size === 0) return;
      for (const { run } of runs) this.#changed.add(run);
      this.#completions ||= runs.length > 0;
      this.#news = true;
      this.#timer ??= setTimeout(() => this.#flush(), this.#intervalMs);
    });
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#open(socket));
  }

  #open(socket: WebSocket): void {
    this.#watchers.set(socket, { stuckSinceMs: null });
    socket.on('error', () => {});
    socket.on('close', () => this.#watchers.delete(socket));
    socket.send(this.#message(this.#room.summaries()), () => {});
  }

  #message(runs: RunSummary[]): string {
    const apis = this.#room.apis().map(({ phases: _, ...api }) => api);
    // Histograms are for those who ask for them.
    const workers = this.#room
      .workers()
      .map(({ state: { jobTypes: _, ...state }, ...worker }) => ({ ...worker, state }));
    const message: WatchMessage = {
      type: 'view',
      sentAtMs: Date.now(),
      workers,
      apis,
      runs,
      server: this.#room.server(),
      hosts: this.#room.hosts(),
    };
    return JSON.stringify(message);
  }

  /** A poll has ended: what it brought goes out now. */
  polled(): void {
    if (this.#completions) this.#flush();
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#news) return;
    const runs = [...this.#changed].map((run) => this.#room.summary(run)).filter((run) => run !== null);
    this.#changed.clear();
    this.#news = false;
    this.#completions = false;
    let all: string | null = null;
    const news = this.#message(runs);
    for (const [socket, watcher] of this.#watchers) {
      if (!this.#takesMore(socket, watcher)) continue;
      if (watcher.stuckSinceMs !== null) all ??= this.#message(this.#room.summaries());
      socket.send(watcher.stuckSinceMs === null ? news : (all ?? news), () => {});
      watcher.stuckSinceMs = null;
    }
  }

  #takesMore(socket: WebSocket, watcher: Watcher): boolean {
    if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) return true;
    watcher.stuckSinceMs ??= this.#now();
    if (this.#now() - watcher.stuckSinceMs >= STUCK_AFTER_MS) socket.terminate();
    return false;
  }

  /** Ends every connection. */
  close(): void {
    this.#unsubscribe();
    if (this.#timer) clearTimeout(this.#timer);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

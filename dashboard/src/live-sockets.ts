// The websockets of /live, for pages: everything once, then numbered news, twice a second at most. News are the sections of the view that
// changed, and the lines of the latest run that this page has not had.
//
//   ?room=R&run=ID&lines=N     a page that comes back says what it has; if the room is the same one it gets only what is missing
//   {type, number, room, sections, run: {id, from, lines, ended}}
//
// Invariant: nothing is kept for a page but where it is (a few numbers). One whose buffer is not empty gets nothing until it is,
// so a slow one gets fewer and larger messages; one that takes nothing for STUCK_AFTER_MS is closed.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ControlRoom } from './control-room.ts';
import type { RunArchive } from './run-archive.ts';
import type { RunFeed } from './run-feed.ts';
import type { RunLauncher } from './run-launcher.ts';

const INTERVAL_MS = 500;
const MAX_BUFFERED_BYTES = 64 << 10;
const STUCK_AFTER_MS = 30_000;
/** So that a page can tell a quiet room from one that is gone. */
const SIGN_OF_LIFE_MS = 2000;
const MAX_PAGES = 200;
const TRY_AGAIN_LATER = 1013;

/** By name, what a page shows beside the run. */
export type SectionName = 'workers' | 'apis' | 'runs' | 'server' | 'hosts' | 'history' | 'started';

/** What `/live` sends. */
export interface LiveMessage {
  type: 'live';
  /** Of this connection, from 0. */
  number: number;
  /** This control room's life: another one after it was started again. */
  room: string;
  sentAtMs: number;
  /** Those that changed; all of them in the first message. */
  sections: Partial<Record<SectionName, unknown>>;
  /** The latest run's lines from `from` on; null: nothing new. */
  run: { id: string; from: number; lines: unknown[]; ended: boolean } | null;
}

interface Page {
  number: number;
  sentAtMs: number;
  /** Section to the version that it has. */
  has: Map<SectionName, number>;
  run: string | null;
  lines: number;
  toldOfEnd: boolean;
  stuckSinceMs: number | null;
}

interface Section {
  version: number;
  json: string;
}

export interface LiveSocketsOptions {
  room: ControlRoom;
  archive: RunArchive;
  launcher: Pick<RunLauncher, 'view'>;
  intervalMs?: number;
  /** Monotonic, in ms: the system's clock may jump. */
  now?: () => number;
}

export class LiveSockets {
  readonly #room: ControlRoom;
  readonly #archive: RunArchive;
  readonly #launcher: Pick<RunLauncher, 'view'>;
  readonly #id = randomUUID();
  readonly #now: () => number;
  readonly #intervalMs: number;
  readonly #pages = new Map<WebSocket, Page>();
  readonly #sections = new Map<SectionName, Section>();
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 4096, perMessageDeflate: false });
  readonly #unsubscribe: () => void;
  /** The run that pages are told of: the latest that goes on, or the last one that did. */
  #feed: RunFeed | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #signs = setInterval(() => this.#signOfLife(), SIGN_OF_LIFE_MS);

  constructor({
    room,
    archive,
    launcher,
    intervalMs = INTERVAL_MS,
    now = () => performance.now(),
  }: LiveSocketsOptions) {
    this.#room = room;
    this.#archive = archive;
    this.#launcher = launcher;
    this.#intervalMs = intervalMs;
    this.#now = now;
    this.#unsubscribe = room.subscribe(() => this.changed());
  }

  /** Something is new: pages hear of it within the interval. */
  changed(): void {
    this.#feed = this.#archive.latest ?? this.#feed;
    if (this.#pages.size > 0) this.#timer ??= setTimeout(() => this.#flush(), this.#intervalMs);
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#open(socket, request.url ?? ''));
  }

  #open(socket: WebSocket, path: string): void {
    if (this.#pages.size >= MAX_PAGES) {
      socket.close(TRY_AGAIN_LATER, `${MAX_PAGES} pages watch already`);
      return;
    }
    const page = this.#pageOf(new URL(path, 'http://localhost').searchParams);
    this.#pages.set(socket, page);
    socket.on('error', () => {});
    socket.on('close', () => this.#pages.delete(socket));
    this.changed();
    this.#refresh();
    this.#send(socket, page);
  }

  /** Where it is: at the beginning, unless it says what it had of this very room. */
  #pageOf(query: URLSearchParams): Page {
    const back = query.get('room') === this.#id;
    const lines = Number(query.get('lines'));
    return {
      number: 0,
      sentAtMs: 0,
      has: new Map(),
      run: back ? query.get('run') : null,
      lines: back && Number.isSafeInteger(lines) && lines >= 0 ? lines : 0,
      toldOfEnd: false,
      stuckSinceMs: null,
    };
  }

  /** Histograms are for those who ask for them. */
  #view(): Record<SectionName, unknown> {
    return {
      workers: this.#room.workers().map(({ state: { jobTypes: _, ...state }, ...worker }) => ({ ...worker, state })),
      apis: this.#room.apis().map(({ phases: _, ...api }) => api),
      runs: this.#room.summaries(),
      server: this.#room.server(),
      hosts: this.#room.hosts(),
      started: this.#launcher.view,
      history: { runs: this.#archive.list().slice(0, 100), trouble: this.#archive.trouble },
    };
  }

  /** Gives a section that changed a new version. */
  #refresh(): void {
    for (const [name, value] of Object.entries(this.#view()) as [SectionName, unknown][]) {
      const json = JSON.stringify(value);
      const known = this.#sections.get(name);
      if (known?.json !== json) this.#sections.set(name, { version: (known?.version ?? 0) + 1, json });
    }
  }

  #flush(): void {
    this.#timer = null;
    this.#refresh();
    for (const [socket, page] of this.#pages) if (this.#takesMore(socket, page)) this.#send(socket, page);
  }

  #signOfLife(): void {
    for (const [socket, page] of this.#pages) {
      if (this.#now() - page.sentAtMs >= SIGN_OF_LIFE_MS && this.#takesMore(socket, page))
        this.#send(socket, page, true);
    }
  }

  #takesMore(socket: WebSocket, page: Page): boolean {
    if (socket.bufferedAmount <= MAX_BUFFERED_BYTES) {
      page.stuckSinceMs = null;
      return true;
    }
    page.stuckSinceMs ??= this.#now();
    if (this.#now() - page.stuckSinceMs >= STUCK_AFTER_MS) socket.terminate();
    return false;
  }

  /** `evenIfNothing`: a message goes out in any case. */
  #send(socket: WebSocket, page: Page, evenIfNothing = page.number === 0): void {
    const sections = [...this.#sections]
      .filter(([name, { version }]) => page.has.get(name) !== version)
      .map(([name, { version, json }]) => {
        page.has.set(name, version);
        return `${JSON.stringify(name)}:${json}`;
      });
    const run = this.#runNews(page);
    if (sections.length === 0 && run === 'null' && !evenIfNothing) return;
    page.sentAtMs = this.#now();
    const head = `"type":"live","number":${page.number++},"room":"${this.#id}","sentAtMs":${Date.now()}`;
    socket.send(`{${head},"sections":{${sections.join(',')}},"run":${run}}`, () => {});
  }

  /** JSON text of the lines that it has not had. */
  #runNews(page: Page): string {
    const feed = this.#feed;
    if (!feed || feed.lines.length === 0) return 'null';
    if (page.run !== feed.id) Object.assign(page, { run: feed.id, lines: 0, toldOfEnd: false });
    if (page.lines >= feed.lines.length && page.toldOfEnd === feed.ended) return 'null';
    const from = Math.min(page.lines, feed.lines.length);
    page.lines = feed.lines.length;
    page.toldOfEnd = feed.ended;
    const lines = feed.lines.slice(from).join(',');
    return `{"id":${JSON.stringify(feed.id)},"from":${from},"lines":[${lines}],"ended":${feed.ended}}`;
  }

  /** Ends every connection. */
  close(): void {
    this.#unsubscribe();
    clearInterval(this.#signs);
    if (this.#timer) clearTimeout(this.#timer);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

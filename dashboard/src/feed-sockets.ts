// The websockets of /feed: a run's generator tells the run while it goes. What it could not send while this room was away it sends
// when it is back, from the line on that is missing here.
//
//   {type: 'feed', run}          ─▶
//                                ◀─ {type: 'have', lines}          lines 0 … lines-1 are known
//   {type: 'line', number, line} ─▶                                the rest, in order
//                                ◀─ {type: 'have', lines}          after the end line: all of it is here

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { MessageError, parseMessage } from './message.ts';
import type { RunArchive } from './run-archive.ts';
import { checkRunId, type RunFeed } from './run-feed.ts';

/** A run's result is the longest line. */
const MAX_MESSAGE_BYTES = 4 << 20;
const MAX_FEEDS = 32;
const POLICY_VIOLATION = 1008;

type Message = { type?: unknown; run?: unknown; number?: unknown; line?: unknown };
const isMessage = (value: unknown): value is Message => typeof value === 'object' && value !== null;

export class FeedSockets {
  readonly #archive: RunArchive;
  readonly #onLine: () => void;
  /** How many connections tell a run: one that comes back may do so before the old one is known to be gone. */
  readonly #tellers = new Map<RunFeed, number>();
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });

  /** `onLine`: something new has come. */
  constructor(archive: RunArchive, onLine: () => void) {
    this.#archive = archive;
    this.#onLine = onLine;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#open(socket));
  }

  #open(socket: WebSocket): void {
    let feed: RunFeed | null = null;
    socket.on('error', () => {}); // what broke is in the close that follows
    socket.on('close', () => feed && this.#left(feed));
    socket.on('message', (data) => {
      if (socket.readyState !== socket.OPEN) return;
      try {
        const message = parseMessage(data.toString());
        if (!isMessage(message)) throw new MessageError('expected an object');
        if (feed) this.#take(socket, feed, message);
        else feed = this.#begin(socket, message);
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        socket.close(POLICY_VIOLATION, error.message.slice(0, 100));
      }
    });
  }

  /** null: the run is over and known here. */
  #begin(socket: WebSocket, { type, run }: Message): RunFeed | null {
    if (type !== 'feed') throw new MessageError('expected {type: "feed", run} first');
    if (this.#server.clients.size > MAX_FEEDS) throw new MessageError(`${MAX_FEEDS} runs are told here already`);
    const id = checkRunId(run);
    if (this.#archive.isFinished(id)) {
      this.#have(socket, Number.MAX_SAFE_INTEGER);
      return null;
    }
    const feed = this.#archive.feed(id);
    this.#tellers.set(feed, (this.#tellers.get(feed) ?? 0) + 1);
    this.#have(socket, feed.lines.length);
    return feed;
  }

  #left(feed: RunFeed): void {
    const others = (this.#tellers.get(feed) ?? 1) - 1;
    if (others > 0) this.#tellers.set(feed, others);
    else {
      this.#tellers.delete(feed);
      this.#archive.leave(feed);
      this.#onLine();
    }
  }

  #take(socket: WebSocket, feed: RunFeed, { type, number, line }: Message): void {
    const isNumber = typeof number === 'number' && Number.isSafeInteger(number) && number >= 0;
    if (type !== 'line' || !isNumber) throw new MessageError('expected {type: "line", number, line}');
    this.#archive.add(feed, number, line);
    if (feed.ended) this.#have(socket, feed.lines.length);
    this.#onLine();
  }

  #have(socket: WebSocket, lines: number): void {
    socket.send(JSON.stringify({ type: 'have', lines }), () => {});
  }

  /** Ends every connection. */
  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

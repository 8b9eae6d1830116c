// Tells a run to a control room while it goes, line by line, for those who watch and for its record there.
//
//   tell(line) ─▶ #lines ─▶ sent while the link is open; after a break the room says how many it has, and gets the rest
//
// Invariants: it never holds up a run and never fails one; all lines are kept until the room has them, MAX_BYTES at most: a run that has
// more to say is not told any further.

import { type StreamLine, streamText } from '@jobstorm/loadtest';
import { RoomLink, socketUrl } from '@jobstorm/telemetry';

const MAX_BYTES = 64 << 20;
/** At the end: how long the room may take to say that it has all. */
const FAREWELL_MS = 3000;

export interface FeedLinkOptions {
  /** Of the control room: ws://host:port or http://host:port. */
  room: string;
  token: string | null;
  run: string;
}

export class FeedLink {
  readonly #run: string;
  readonly #url: string;
  readonly #token: string | null;
  /** null until there is something to tell. */
  #link: RoomLink | null = null;
  readonly #lines: string[] = [];
  #bytes = 0;
  /** Lines sent over this connection or known there; null: the room has not said yet what it has. */
  #sent: number | null = null;
  #has = 0;
  #onHave = () => {};

  /** @throws RangeError when that is no address */
  constructor({ room, token, run }: FeedLinkOptions) {
    this.#run = run;
    this.#url = socketUrl(room, '/feed');
    this.#token = token;
  }

  #connect(): RoomLink {
    return new RoomLink({
      url: this.#url,
      token: this.#token ?? undefined,
      onOpen: () => this.#hello(),
      onText: (text) => this.#hear(text),
      onAway: () => {
        this.#sent = null;
      },
    });
  }

  #hello(): void {
    this.#link?.send(JSON.stringify({ type: 'feed', run: this.#run }));
  }

  #hear(text: string): void {
    const { type, lines } = JSON.parse(text) as { type: string; lines: number };
    if (type !== 'have') return;
    this.#has = lines;
    this.#sent ??= lines;
    this.#flush();
    this.#onHave();
  }

  tell(line: StreamLine): void {
    if (this.#bytes > MAX_BYTES) return;
    this.#link ??= this.#connect();
    const text = streamText(line).trimEnd();
    this.#bytes += text.length;
    this.#lines.push(text);
    this.#flush();
  }

  #flush(): void {
    while (this.#sent !== null && this.#sent < this.#lines.length) {
      const number = this.#sent;
      if (!this.#link?.send(`{"type":"line","number":${number},"line":${this.#lines[number]}}`)) return;
      this.#sent++;
    }
  }

  /** After the last line: settles once the room has all of them, or does not answer for long. */
  async close(): Promise<void> {
    if (this.#lines.length > 0 && this.#has < this.#lines.length) {
      // A room that came back a moment ago is not left to the link's next attempt, which may be seconds away.
      if (this.#sent === null) {
        void this.#link?.close();
        this.#link = this.#connect();
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, FAREWELL_MS);
        this.#onHave = () => {
          if (this.#has < this.#lines.length) return;
          clearTimeout(timer);
          resolve();
        };
      });
    }
    await this.#link?.close();
  }
}

// A part's voice in the control room: a Hello, then a snapshot twice a second and whenever the control room polls. The first
// snapshot of a connection is complete, so whatever was lost with the last one is made good. A part that reaches no control
// room works on as it is; a control room that reads too slowly gets fewer snapshots, never a growing buffer here.

import { epochUs } from './clock.ts';
import type { SettingsAnswer, SettingsMessage, SettingsOutcome } from './part-settings.ts';
import { RoomLink } from './room-link.ts';
import type { ClockAnswer, ControlMessage, Hello, Snapshot } from './snapshot.ts';

const INTERVAL_MS = 500;
const MAX_BUFFERED_BYTES = 4 << 20;
/** A connection that took nothing for this long is dead, even if the system has not noticed. */
const STUCK_AFTER_MS = 15_000;

export interface ReporterOptions {
  /** Of the control room: ws://host:7460, see `partsUrl`. */
  url: string;
  hello: Hello;
  /** Makes a snapshot of this moment; `complete`: with all ledger pages rather than the changed ones. Only called when it is sent. */
  snapshot: (complete: boolean) => Snapshot;
  intervalMs?: number;
  token?: string | undefined;
  /** The clock that this part stamps with, in epoch microseconds; when not set, `epochUs`. */
  clockUs?: () => number;
  /** The control room wants these settings; whoever is asked checks them, and says what became of them. Never throws or rejects. */
  onSettings?: (message: SettingsMessage) => SettingsOutcome | Promise<SettingsOutcome>;
  /** The control room was reached, or lost (with the reason); called on changes, the first failure included. */
  onConnection?: (connected: boolean, reason: string) => void;
}

/** The address where parts report, from a control room's: ws://host:7460 → ws://host:7460/parts. http and https will do too.
 * @throws RangeError on anything else */
export function partsUrl(text: string): string {
  return socketUrl(text, '/parts');
}

/** A websocket address in a control room. @throws RangeError when `text` is no address of one */
export function socketUrl(text: string, path: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^(ws|http)s?:$/.test(url.protocol)) throw new RangeError(`"${text}" is not ws://HOST:PORT`);
  return `${url.protocol.replace('http', 'ws')}//${url.host}${path}`;
}

export class Reporter {
  #options: ReporterOptions;
  #link: RoomLink;
  #timer: NodeJS.Timeout;
  #complete = true;
  #known: boolean | null = null;
  #stuckSinceMs: number | null = null;

  /** Starts at once. @throws RangeError when the url is no control room's address, and never later */
  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#link = new RoomLink({
      url: partsUrl(options.url),
      token: options.token,
      onOpen: () => this.#start(),
      onText: (text) => this.#answer(text),
      onAway: (reason) => this.#tell(false, reason),
    });
    this.#timer = setInterval(() => this.send(), options.intervalMs ?? INTERVAL_MS).unref();
  }

  get connected(): boolean {
    return this.#link.open;
  }

  #tell(connected: boolean, reason: string): void {
    if (this.#known === connected) return;
    this.#known = connected;
    this.#options.onConnection?.(connected, reason);
  }

  #start(): void {
    this.#complete = true;
    this.#stuckSinceMs = null;
    this.#link.send(JSON.stringify(this.#options.hello));
    this.send();
    this.#tell(true, '');
  }

  #answer(text: string): void {
    let message: ControlMessage | null;
    try {
      message = JSON.parse(text);
    } catch {
      return; // a control room of another make: what it means can't be known, and must not end a worker
    }
    if (message?.type === 'poll') this.send();
    else if (message?.type === 'clock') this.#tellTime(message.sentUs);
    else if (message?.type === 'settings') void this.#take(message);
  }

  async #take(message: SettingsMessage): Promise<void> {
    const outcome = await this.#options.onSettings?.(message);
    if (!outcome || typeof message.number !== 'number') return;
    const answer: SettingsAnswer = { type: 'settings', number: message.number, ...outcome };
    this.#link.send(JSON.stringify(answer));
  }

  #tellTime(sentUs: number): void {
    const { clockUs = epochUs } = this.#options;
    this.#link.send(JSON.stringify({ type: 'clock', sentUs, atUs: clockUs() } satisfies ClockAnswer));
  }

  /** Sends a snapshot now, if the control room is there and takes it. */
  send(): void {
    if (!this.#link.open) return;
    if (this.#link.bufferedBytes > MAX_BUFFERED_BYTES) {
      this.#stuckSinceMs ??= performance.now();
      if (performance.now() - this.#stuckSinceMs > STUCK_AFTER_MS) this.#link.drop();
      return;
    }
    this.#stuckSinceMs = null;
    this.#timer.refresh(); // whoever polls as often gets no snapshot beside the ones that it asked for
    const complete = this.#complete;
    this.#complete = false;
    this.#link.send(JSON.stringify(this.#options.snapshot(complete)));
  }

  /** Sends a last snapshot if it can, then ends the connection; settles within about a second. */
  async close(): Promise<void> {
    this.send();
    clearInterval(this.#timer);
    await this.#link.close();
  }
}

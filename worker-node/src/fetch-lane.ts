// One connection that FETCHes. Its window is how many FETCHes it may have unanswered: 1 while the queue gives nothing, doubled
// as long as a whole window of them is answered quickly, halved when that takes long.
//
//          a window of jobs came within the target
//   1 ───────────────────────────────────────────────▶ 2 ▶ 4 ▶ … ▶ max
//   ▲ ◀──────────── halved: it took four times the target ────────┘ │
//   └────────────────── a FETCH came back empty ────────────────────┘
//
// Past a small window the target is strict: on an empty queue each unanswered FETCH blocks for 2 seconds, one after the other,
// and a worker that stops has to wait for them all. So only a server that answers a lane at thousands a second gets deep windows.

import type { JobstormError } from '@jobstorm/protocol';
import { type Connection, Link, type LinkOptions, type ReplyKind, type ReplySink } from '@jobstorm/protocol';

/** Up to this window the target is `patientMs`; a worker that stops waits for it 2 s at a time. */
const smallWindow = 4;
const patientMs = 8;
/** The target of deeper windows, for each job. */
const perJobMs = 0.5;
const fetchBlocksMs = 2000;
const spareMs = 10_000;
/** After an error reply, no FETCH for this long. */
const errorPauseMs = 1000;

export interface FetchLaneOptions {
  link: LinkOptions;
  /** The FETCH command with its queues, byte text. */
  line: string;
  maxWindow: number;
  /** A job came; `onChange` follows once its slot is known. */
  onJob: (text: string) => void;
  /** More may be fetched than before. */
  onChange: () => void;
  onError: (text: string) => void;
}

export class FetchLane implements ReplySink {
  readonly #options: FetchLaneOptions;
  readonly #link: Link;
  #outstanding = 0;
  #window = 1;
  /** Jobs since `#roundAtMs`; a round is a window's worth. */
  #roundJobs = 0;
  #roundAtMs = 0;
  #notBeforeMs = 0;
  #pause: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(options: FetchLaneOptions) {
    this.#options = options;
    this.#link = new Link({ ...options.link, onUp: () => options.onChange() });
  }

  get connection(): Connection | null {
    return this.#link.connection;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** FETCHes that it would send now. */
  get room(): number {
    if (this.#stopping || !this.#link.connection?.open || performance.now() < this.#notBeforeMs) return 0;
    return Math.max(0, this.#window - this.#outstanding);
  }

  start(): Promise<void> {
    return this.#link.start();
  }

  /** Sends `count` FETCHes; never more than `room`. */
  fetch(count: number): void {
    const connection = this.#link.connection!;
    if (this.#outstanding === 0) {
      this.#roundAtMs = performance.now();
      this.#roundJobs = 0;
    }
    for (let i = 0; i < count; i++) {
      this.#outstanding++;
      connection.sendByteText(this.#options.line, this, fetchBlocksMs * this.#outstanding + spareMs);
    }
  }

  /** `roundTripMs`: what the network alone takes. Called at the end of a turn in which jobs came. */
  adapt(nowMs: number, roundTripMs: number): void {
    if (this.#roundJobs < this.#window) return;
    const tookMs = nowMs - this.#roundAtMs;
    const limitMs = roundTripMs + (this.#window < smallWindow ? patientMs : this.#window * perJobMs);
    if (tookMs < limitMs) this.#window = Math.min(this.#window * 2, this.#options.maxWindow);
    else if (tookMs > 4 * limitMs) this.#window = Math.max(1, this.#window >> 1);
    this.#roundJobs = 0;
    this.#roundAtMs = nowMs;
  }

  /** Fetches no more. Settles when all that was asked for has been answered: no reservation is left with a connection that is gone. */
  async finish(): Promise<void> {
    this.#stopping = true;
    if (this.#pause) clearTimeout(this.#pause);
    await this.#link.stop((connection) => connection.finish());
  }

  onReply(kind: ReplyKind, text: string): void {
    this.#outstanding--;
    if (kind === 'bulk') {
      this.#roundJobs++;
      this.#options.onJob(text);
    } else {
      this.#window = 1;
      this.#roundJobs = 0;
      this.#roundAtMs = performance.now();
      if (kind === 'error') this.#refused(text);
    }
    this.#options.onChange();
  }

  onError(_error: JobstormError): void {
    this.#outstanding--;
    this.#window = 1;
    this.#roundJobs = 0;
  }

  #refused(text: string): void {
    if (this.#stopping) return;
    this.#options.onError(text);
    this.#notBeforeMs = performance.now() + errorPauseMs;
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      this.#options.onChange();
    }, errorPauseMs + 1);
  }
}

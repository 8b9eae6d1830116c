// One connection that FETCHes, with as many FETCHes unanswered as its window allows.
// Invariant: `outstanding` is what the server still owes an answer to; a lane that is finished has none.

import {
  type Connection,
  type JobstormError,
  Link,
  type LinkOptions,
  type ReplyKind,
  type ReplySink,
  reads,
} from '@jobstorm/protocol';
import { FetchWindow } from './fetch-window.ts';

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
  readonly #window: FetchWindow;
  #pause: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(options: FetchLaneOptions) {
    this.#options = options;
    this.#window = new FetchWindow(options.maxWindow);
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
    if (this.#stopping || !this.#link.connection?.open || this.#pause !== null) return 0;
    return Math.max(0, this.#window.size - this.#outstanding);
  }

  start(): Promise<void> {
    return this.#link.start();
  }

  /** Sends `count` FETCHes; never more than `room`. */
  fetch(count: number): void {
    const connection = this.#link.connection!;
    if (this.#outstanding === 0) this.#window.begin(performance.now());
    for (let i = 0; i < count; i++) {
      this.#outstanding++;
      connection.sendByteText(this.#options.line, this, fetchBlocksMs * this.#outstanding + spareMs);
    }
  }

  /** Called at the end of a turn in which something came; see `FetchWindow.judge`. */
  judge(nowMs: number, roundTripMs: number, gathering: boolean): void {
    this.#window.judge(nowMs, roundTripMs, gathering);
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
      this.#window.job(reads.count);
      this.#options.onJob(text);
    } else {
      this.#window.empty(performance.now());
      if (kind === 'error') this.#refused(text);
    }
    this.#options.onChange();
  }

  onError(_error: JobstormError): void {
    this.#outstanding--;
    this.#window.empty(performance.now());
  }

  #refused(text: string): void {
    if (this.#stopping) return;
    this.#options.onError(text);
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      this.#options.onChange();
    }, errorPauseMs);
  }
}

// Heartbeats for the worker's processes, from the supervisor: a handler that holds its process for minutes keeps it from beating,
// and the server would take it for dead and close its connections. Any connection may beat for any wid, so one, of no worker of
// its own, does for all. What the server wants a process to do is passed on.
// Invariant: after `stop` there is no connection and no timer. The server's not knowing a wid is no error: its process may be
// about to register, or have lost its connections.

import { Link, type ServerAddress, ServerError, type WorkerState } from '@jobstorm/protocol';
import { type Beat, beatEveryMs, sendBeat } from './heartbeat.ts';

export interface ProcessBeatsOptions {
  address: ServerAddress;
  /** Whom to beat for at this moment. */
  beats: () => readonly Beat[];
  /** The server wants the worker of that wid in that state; told with every beat for as long as it does. */
  onState: (wid: string, state: WorkerState) => void;
  log: (message: string) => void;
  everyMs?: number | undefined;
}

export class ProcessBeats {
  readonly #options: ProcessBeatsOptions;
  readonly #link: Link;
  #timer: NodeJS.Timeout | null = null;
  #lastError = '';

  constructor(options: ProcessBeatsOptions) {
    this.#options = options;
    // The processes say what is wrong with the address or the password; a second voice would only repeat it.
    this.#link = new Link({ address: options.address });
  }

  start(): void {
    this.#link.startInBackground();
    this.#timer = setInterval(() => void this.beat(), this.#options.everyMs ?? beatEveryMs);
  }

  /** One for everybody; never rejects. */
  async beat(): Promise<void> {
    await Promise.all(this.#options.beats().map((beat) => this.#send(beat)));
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    // Nothing is owed that matters, and a server that does not answer must not hold up the end.
    await this.#link.stop((connection) => connection.destroy());
  }

  async #send(beat: Beat): Promise<void> {
    const connection = this.#link.connection;
    if (!connection?.open) return;
    try {
      const wanted = await sendBeat(connection, beat);
      if (wanted !== 'running') this.#options.onState(beat.wid, wanted);
    } catch (error) {
      // The loss of the connection shows in the processes' own.
      if (error instanceof ServerError && !/unknown worker/.test(error.message)) this.#logOnce(error.message);
    }
  }

  #logOnce(message: string): void {
    if (message === this.#lastError) return;
    this.#lastError = message;
    this.#options.log(`BEAT failed: ${message}`);
  }
}

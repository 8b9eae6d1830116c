// ACKs and FAILs, on connections of their own so that none waits behind a blocking FETCH.
//
//   run ended ─▶ line on the lane with the least unanswered ──one write a turn──▶ answered ─▶ over
//                        ▲                                        │ connection ended first
//                        └────────────── sent again ◀─────────────┘
//
// Invariant: every run that is finished here is answered by the server in the end, or waits in `#unsent` for a connection.
// Sending again is safe: the server takes an ACK of a job that is done as done, and answers a second FAIL with an error.

import type { JobstormError } from '@jobstorm/protocol';
import { type Connection, Link, type LinkOptions, type ReplyKind, reads, toByteText } from '@jobstorm/protocol';
import type { Run, RunOwner } from './run.ts';

/** As many runs go to one lane before the next is chosen: few enough to share the work, many enough for one write. */
const runsPerTurn = 16;
const deadlineMs = 60_000;
// What a jid mostly is; any other goes through JSON.stringify.
const plainJid = /^[\w.:-]+$/;

export interface CompletionsOptions {
  link: LinkOptions;
  lanes: number;
  /** The server took the ACK (failed: false) or FAIL of a run. */
  onAnswered: (run: Run, failed: boolean) => void;
  /** The server refused an ACK or FAIL, with its text: the reservation had ended, mostly. */
  onRefused: (run: Run, text: string) => void;
}

export class Completions implements RunOwner {
  readonly #links: Link[];
  readonly #onAnswered: CompletionsOptions['onAnswered'];
  readonly #onRefused: CompletionsOptions['onRefused'];
  #lane: Connection | null = null;
  #turn = 0;
  #unsent: Run[] = [];
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor({ link, lanes, onAnswered, onRefused }: CompletionsOptions) {
    this.#onAnswered = onAnswered;
    this.#onRefused = onRefused;
    this.#links = Array.from({ length: lanes }, () => new Link({ ...link, onUp: () => this.#resend() }));
  }

  /** Finished runs that the server has not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** @throws what `Connection.open` throws */
  async start(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.start()));
  }

  /** A connection that is up, for commands that belong to no run; null when there is none. */
  get connection(): Connection | null {
    return this.#links.find((link) => link.connection?.open)?.connection ?? null;
  }

  connections(): Connection[] {
    return this.#links.flatMap((link) => (link.connection ? [link.connection] : []));
  }

  /** Sends the run's `failLine`, or its ACK. */
  finish(run: Run): void {
    this.#inFlight++;
    this.#send(run);
  }

  /** Settles when every finished run was answered; `timeoutMs` later at the latest. True: all were. */
  drained(timeoutMs: number): Promise<boolean> {
    if (this.#inFlight === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /** Ends the connections; at once when some of their answers are overdue (`drained` gave false). */
  async stop(): Promise<void> {
    const overdue = this.#inFlight > 0;
    await Promise.all(
      this.#links.map((link) =>
        link.stop((connection) => {
          if (overdue) connection.destroy();
          return connection.close();
        }),
      ),
    );
  }

  answered(run: Run, kind: ReplyKind, text: string): void {
    run.state = 'over';
    this.#inFlight--;
    if (kind === 'error') this.#onRefused(run, text);
    else {
      const failed = run.failLine !== null;
      if (run.tally !== null) {
        if (failed) run.tally.failed();
        else run.tally.completed(run.job, run.endedMs, reads.lastMs);
      }
      this.#onAnswered(run, failed);
    }
    if (this.#inFlight === 0 && this.#idle.length > 0) {
      for (const tell of this.#idle.splice(0)) tell();
    }
  }

  unanswered(run: Run, _error: JobstormError): void {
    this.#send(run);
  }

  #send(run: Run): void {
    const lane = this.#choose();
    if (lane === null) {
      this.#unsent.push(run);
      return;
    }
    if (run.failLine !== null) lane.send(run.failLine, run, deadlineMs);
    else lane.sendByteText(ackLine(run.job.jid), run, deadlineMs);
  }

  #choose(): Connection | null {
    if (this.#lane?.open && ++this.#turn < runsPerTurn) return this.#lane;
    this.#turn = 0;
    this.#lane = null;
    for (const { connection } of this.#links) {
      if (connection?.open && (this.#lane === null || connection.pending < this.#lane.pending)) this.#lane = connection;
    }
    return this.#lane;
  }

  #resend(): void {
    for (const run of this.#unsent.splice(0)) this.#send(run);
  }
}

function ackLine(jid: string): string {
  return plainJid.test(jid) ? `ACK {"jid":"${jid}"}` : toByteText(`ACK ${JSON.stringify({ jid })}`);
}

// ACKs and FAILs, on connections of their own so that none waits behind a blocking FETCH.
//
//   run ended ─▶ line on the first lane whose window has room ──one write a turn──▶ answered ─▶ over
//                        ▲                                        │ connection ended first
//                        └────────────── sent again ◀─────────────┘
//
// A fast server's first lane takes all, which costs the fewest writes; a slow one's windows stay small, and all lanes share.
// When every window is full, the lane with the least unanswered takes more. There are as many lanes as the fetcher has: fewer, and
// ACKs pile up behind jobs.
//
// While reading is paused (pulse.ts), what ends waits for the pause's end: its answer would not be read before anyhow, and one write
// takes it all. At no other time does an ACK wait for company.
//
// Invariant: every run that is finished here is answered by the server in the end, or waits in `#unsent` for a connection.
// Sending again is safe: the server takes an ACK of a job that is done as done, and answers a second FAIL with an error.

import type { JobstormError } from '@jobstorm/protocol';
import { type Connection, Link, type LinkOptions, type ReplyKind, reads, toByteText } from '@jobstorm/protocol';
import { FetchWindow } from './fetch-window.ts';
import type { Pace } from './pace.ts';
import type { Run, RunOwner } from './run.ts';

/** Runs that may be unanswered besides twice the windows, so that a few slots never wait for answers. */
const spareRuns = 64;
/** ACKs that one lane may have unanswered while others have room. */
const maxWindow = 512;
const deadlineMs = 60_000;
// What a jid mostly is; any other goes through JSON.stringify.
const plainJid = /^[\w.:-]+$/;

export interface CompletionsOptions {
  link: LinkOptions;
  /** Open from the start; at least one. */
  lanes: number;
  pace: Pace;
  /** The server took the ACK (failed: false) or FAIL of a run. */
  onAnswered: (run: Run, failed: boolean) => void;
  /** The server refused an ACK or FAIL, with its text: the reservation had ended, mostly. */
  onRefused: (run: Run, text: string) => void;
}

class AckLane {
  readonly window = new FetchWindow(maxWindow);
  /** null: the lane is closed. */
  link: Link | null = null;
  /** When the only ACK that is out on it was sent; 0: several are, or none. */
  aloneSinceMs = 0;

  get connection(): Connection | null {
    return this.link?.connection ?? null;
  }
}

export class Completions implements RunOwner {
  readonly #link: LinkOptions;
  readonly #pace: Pace;
  readonly #onAnswered: CompletionsOptions['onAnswered'];
  readonly #onRefused: CompletionsOptions['onRefused'];
  /** Runs name their lane by its place here, so none is ever taken out. */
  readonly #lanes: AckLane[] = [];
  #open = 0;
  readonly #closing = new Set<Promise<void>>();
  /** No lane is up. */
  #unsent: Run[] = [];
  /** Reading is paused. */
  #gathered: Run[] = [];
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor({ link, lanes, pace, onAnswered, onRefused }: CompletionsOptions) {
    this.#link = link;
    this.#onAnswered = onAnswered;
    this.#onRefused = onRefused;
    this.#pace = pace;
    this.#grow(lanes);
  }

  /** Finished runs that the server has not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many more runs may be finished before the server is behind: it has to answer ACKs as fast as FETCHes, or they pile up. */
  get room(): number {
    let windows = 0;
    for (let i = 0; i < this.#open; i++) windows += this.#lanes[i]!.window.size;
    return 2 * windows + spareRuns - this.#inFlight;
  }

  /** @throws what `Connection.open` throws */
  async start(): Promise<void> {
    await Promise.all(this.#lanes.map(({ link }) => link?.start()));
  }

  /** So many lanes from now on, at least one. Those that are closed take the answers that they are owed first. */
  resize(lanes: number): void {
    const from = this.#open;
    this.#grow(lanes);
    for (let i = from; i < lanes; i++) this.#lanes[i]!.link?.startInBackground();
    while (this.#open > Math.max(1, lanes)) {
      const lane = this.#lanes[--this.#open]!;
      const closed: Promise<void> = lane.link!.stop().then(() => void this.#closing.delete(closed));
      this.#closing.add(closed);
      lane.link = null;
    }
  }

  /** A connection that is up, for commands that belong to no run; null when there is none. */
  get connection(): Connection | null {
    return this.#lanes.find(({ connection }) => connection?.open)?.connection ?? null;
  }

  connections(): Connection[] {
    return this.#lanes.flatMap(({ connection }) => (connection ? [connection] : []));
  }

  /** Sends the run's `failLine`, or its ACK. */
  finish(run: Run): void {
    this.#inFlight++;
    if (this.#pace.paused) this.#gathered.push(run);
    else this.#send(run);
  }

  /** The pause is over. */
  flush(): void {
    if (this.#gathered.length > 0) for (const run of this.#gathered.splice(0)) this.#send(run);
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
    const end = (connection: Connection) => {
      if (overdue) connection.destroy();
      return connection.close();
    };
    await Promise.all([...this.#lanes.map(({ link }) => link?.stop(end)), ...this.#closing]);
  }

  answered(run: Run, kind: ReplyKind, text: string): void {
    run.state = 'over';
    this.#inFlight--;
    const lane = this.#lanes[run.lane]!;
    const { window } = lane;
    if (lane.aloneSinceMs > 0) this.#measure(lane);
    window.job(reads.count);
    window.judge(reads.lastMs, this.#pace.roundTripMs, this.#pace.gathering);
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
    const at = this.#choose();
    if (at < 0) {
      this.#unsent.push(run);
      return;
    }
    run.lane = at;
    const lane = this.#lanes[at]!;
    const connection = lane.connection!;
    if (connection.pending === 0) {
      lane.window.begin(reads.lastMs);
      lane.aloneSinceMs = performance.now();
    } else lane.aloneSinceMs = 0;
    if (run.failLine !== null) connection.send(run.failLine, run, deadlineMs);
    else connection.sendByteText(ackLine(run.job.jid), run, deadlineMs);
  }

  /** Nothing else was under way on its connection, so what the answer took is the way there and back and little besides. */
  #measure(lane: AckLane): void {
    if (!this.#pace.gathering) {
      const tookMs = reads.lastMs - lane.aloneSinceMs;
      if (tookMs < this.#pace.roundTripMs) this.#pace.roundTripMs = tookMs;
    }
    lane.aloneSinceMs = 0;
  }

  #grow(lanes: number): void {
    for (; this.#open < lanes; this.#open++) {
      this.#lanes[this.#open] ??= new AckLane();
      this.#lanes[this.#open]!.link = new Link({ ...this.#link, onUp: () => this.#resend() });
    }
  }

  /** Index of the lane for the next line; -1: none is up. */
  #choose(): number {
    let least = -1;
    let leastPending = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#open; i++) {
      const { connection, window } = this.#lanes[i]!;
      if (!connection?.open) continue;
      const { pending } = connection;
      if (pending < window.size) return i;
      if (pending < leastPending) {
        least = i;
        leastPending = pending;
      }
    }
    return least;
  }

  #resend(): void {
    for (const run of this.#unsent.splice(0)) this.#send(run);
  }
}

function ackLine(jid: string): string {
  return plainJid.test(jid) ? `ACK {"jid":"${jid}"}` : toByteText(`ACK ${JSON.stringify({ jid })}`);
}

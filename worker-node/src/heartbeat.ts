// Tells the server that this worker lives, and hears from it when it should stop fetching (quiet) or end (terminate).
// The server drops a worker that it has not heard from for 60 seconds. States only go forward.

import { type Connection, parseBeatReply, type WorkerState } from '@jobstorm/protocol';

export const beatEveryMs = 15_000;

/** What a worker process says of itself, or its supervisor of it. */
export interface Beat {
  wid: string;
  rssBytes: number;
  state: WorkerState;
}

/** Resolves with the state that the server wants. @throws what `Connection.call` throws, ProtocolError when the answer is none */
export async function sendBeat(connection: Connection, { wid, rssBytes, state }: Beat): Promise<WorkerState> {
  const report = { wid, rss_kb: Math.round(rssBytes / 1024), current_state: state };
  return parseBeatReply(await connection.call(`BEAT ${JSON.stringify(report)}`));
}

export interface HeartbeatOptions {
  wid: string;
  connection: () => Connection | null;
  /** This worker's own state. */
  state: () => WorkerState;
  /** The server wants that state. */
  onState: (state: WorkerState) => void;
  /** A beat was answered after that long. */
  onRoundTrip: (ms: number) => void;
  onError: (message: string) => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Sends the first beat and settles when it is answered; then one every 15 seconds. */
  async start(): Promise<void> {
    await this.beat();
    if (!this.#stopped) this.#timer = setInterval(() => void this.beat(), beatEveryMs);
  }

  /** Sends one now; never rejects. */
  async beat(): Promise<void> {
    const { wid, connection, state, onState, onRoundTrip, onError } = this.#options;
    const open = connection();
    if (!open) return;
    const beganMs = performance.now();
    try {
      const wanted = await sendBeat(open, { wid, rssBytes: process.memoryUsage.rss(), state: state() });
      onRoundTrip(performance.now() - beganMs);
      if (wanted !== 'running') onState(wanted);
    } catch (error) {
      onError((error as Error).message);
    }
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}

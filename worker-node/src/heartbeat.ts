// Tells the server that this worker lives, and hears from it when it should stop fetching (quiet) or end (terminate).
// The server drops a worker that it has not heard from for 60 seconds. States only go forward.

import { type Connection, parseBeatReply, type WorkerState } from '@jobstorm/protocol';

const everyMs = 15_000;

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
    if (!this.#stopped) this.#timer = setInterval(() => void this.beat(), everyMs);
  }

  /** Sends one now; never rejects. */
  async beat(): Promise<void> {
    const { wid, connection, state, onState, onRoundTrip, onError } = this.#options;
    const line = `BEAT ${JSON.stringify({ wid, rss_kb: Math.round(process.memoryUsage.rss() / 1024), current_state: state() })}`;
    const beganMs = performance.now();
    try {
      const text = await connection()?.call(line);
      if (text === undefined) return;
      onRoundTrip(performance.now() - beganMs);
      const wanted = parseBeatReply(text);
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

// Asks the job server for its figures once a second. A server that is away is shown as such, with the figures it had.

import { Client, describeAddress, parseServerUrl, type ServerInfo } from '@jobstorm/protocol';
import type { ServerView } from './view.ts';

const INTERVAL_MS = 1000;
const DEADLINE_MS = 2000;

export interface ServerWatchOptions {
  intervalMs?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

export class ServerWatch {
  readonly #client: Client;
  readonly #onView: (view: ServerView) => void;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #view: ServerView;
  #asking = false;
  #closed = false;

  /** Starts at once. @throws JobstormError EURL */
  constructor(
    url: string,
    onView: (view: ServerView) => void,
    { intervalMs = INTERVAL_MS, now = Date.now }: ServerWatchOptions = {},
  ) {
    const address = parseServerUrl(url);
    this.#onView = onView;
    this.#now = now;
    this.#view = unknownServer(describeAddress(address));
    this.#client = Client.connectInBackground({ address, deadlineMs: DEADLINE_MS });
    this.#timer = setInterval(() => void this.#ask(), intervalMs);
    void this.#ask();
  }

  /** The latest figures; none of them before the first answer. */
  get view(): ServerView {
    return this.#view;
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const info = await this.#client.info();
      this.#view = describeServer(this.#view.url, info, this.#now());
    } catch {
      // The figures stay as they were; that they are old is what `connected` says.
      this.#view = { ...this.#view, connected: false };
    }
    this.#asking = false;
    if (!this.#closed) this.#onView(this.#view);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#client.close();
  }
}

function unknownServer(url: string): ServerView {
  return {
    url,
    connected: false,
    sampledAtMs: null,
    version: null,
    enqueued: null,
    queues: {},
    working: null,
    scheduled: null,
    retries: null,
    dead: null,
    connections: null,
  };
}

/** The part of INFO that is shown. Reservations are counted in `tasks.Busy`; `sets.working` is their copy on disk. */
export function describeServer(url: string, { faktory, server }: ServerInfo, sampledAtMs: number): ServerView {
  const { sets, tasks } = faktory;
  return {
    url,
    connected: true,
    sampledAtMs,
    version: server.faktory_version,
    enqueued: faktory.total_enqueued,
    queues: faktory.queues,
    working: tasks.Busy?.size ?? sets?.working ?? null,
    scheduled: sets?.scheduled ?? tasks.Scheduled?.size ?? null,
    retries: sets?.retries ?? tasks.Retries?.size ?? null,
    dead: sets?.dead ?? tasks.Dead?.size ?? null,
    connections: server.connections,
  };
}

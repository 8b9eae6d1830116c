// Worker processes by wid. An entry lives as long as it has a connection; a worker that stops beating loses its entry and its
// connections. States go one way: running ──▶ quiet ──▶ terminate.

export type WorkerState = 'running' | 'quiet' | 'terminate';

/** Who a connection says that it is, in HELLO. */
export interface WorkerIdentity {
  wid: string;
  hostname: string;
  pid: number;
  labels: readonly string[];
}

/** A worker's connection as seen from here: something to close. */
export interface WorkerConnection {
  drop(): void;
}

/** Without a BEAT (or a connect) for this long, a worker is taken for dead. */
export const silenceMs = 60_000;
const order: readonly WorkerState[] = ['running', 'quiet', 'terminate'];

export class Worker {
  readonly identity: WorkerIdentity;
  readonly connections = new Set<WorkerConnection>();
  state: WorkerState = 'running';
  rssKb = 0;
  /** Monotonic milliseconds of the last BEAT or connect. */
  seenMs: number;

  constructor(identity: WorkerIdentity, nowMs: number) {
    this.identity = identity;
    this.seenMs = nowMs;
  }

  /** Moves on to a later state; an earlier one changes nothing. */
  advance(state: WorkerState): void {
    if (order.indexOf(state) > order.indexOf(this.state)) this.state = state;
  }
}

export class Workers {
  readonly #byWid = new Map<string, Worker>();
  /** Entries taken away for their silence, ever. */
  reaped = 0;

  get size(): number {
    return this.#byWid.size;
  }

  /** In the order in which they came. */
  all(): IterableIterator<Worker> {
    return this.#byWid.values();
  }

  get(wid: string): Worker | undefined {
    return this.#byWid.get(wid);
  }

  /** Adds a connection to its worker; what the first one said about the worker stays. */
  join(identity: WorkerIdentity, connection: WorkerConnection, nowMs: number): Worker {
    let worker = this.#byWid.get(identity.wid);
    if (!worker) {
      worker = new Worker(identity, nowMs);
      this.#byWid.set(identity.wid, worker);
    }
    worker.seenMs = nowMs;
    worker.connections.add(connection);
    return worker;
  }

  /** A connection of the worker ended. */
  leave(worker: Worker, connection: WorkerConnection): void {
    worker.connections.delete(connection);
    if (worker.connections.size === 0 && this.#byWid.get(worker.identity.wid) === worker) {
      this.#byWid.delete(worker.identity.wid);
    }
  }

  /** Removes the workers that fell silent and closes their connections. */
  reap(nowMs: number): void {
    for (const [wid, worker] of this.#byWid) {
      if (nowMs - worker.seenMs <= silenceMs) continue;
      this.#byWid.delete(wid);
      this.reaped++;
      for (const connection of [...worker.connections]) connection.drop();
    }
  }
}

// Feeds the slots from a few connections.
// Invariant: FETCHes unanswered + jobs running never go above the slots, so every job that comes finds one free; and nothing
// is fetched while the server is behind with answering ACKs, so what it holds for us stays bounded.

import { type Connection, type LinkOptions, reads, toByteText } from '@jobstorm/protocol';
import { FetchLane } from './fetch-lane.ts';
import type { Pace } from './pace.ts';

export interface FetcherOptions {
  link: LinkOptions;
  lanes: number;
  queues: readonly string[];
  slots: { readonly total: number; readonly running: number };
  /** How many more ACKs the server can be given before it is behind with answering them. */
  answerRoom: () => number;
  onJob: (text: string) => void;
  onError: (text: string) => void;
  pace: Pace;
  /** Called after each turn in which something came. */
  onTurn: () => void;
}

export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #lanes: FetchLane[];
  #filling = false;
  #stopping = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
    const line = toByteText(`FETCH ${options.queues.join(' ')}`);
    const maxWindow = Math.ceil(options.slots.total / options.lanes);
    this.#lanes = Array.from(
      { length: options.lanes },
      () =>
        new FetchLane({
          link: options.link,
          line,
          maxWindow,
          onJob: options.onJob,
          onError: options.onError,
          onChange: () => this.changed(),
        }),
    );
  }

  /** FETCHes sent and not answered. */
  get outstanding(): number {
    let sum = 0;
    for (const lane of this.#lanes) sum += lane.outstanding;
    return sum;
  }

  connections(): Connection[] {
    return this.#lanes.flatMap((lane) => (lane.connection ? [lane.connection] : []));
  }

  /** @throws what `Connection.open` throws */
  async start(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.start()));
    this.changed();
  }

  /** A slot is free, an ACK was answered or a lane is ready: fill up at the end of this turn. */
  changed(): void {
    if (this.#filling) return;
    this.#filling = true;
    // After the handlers of the jobs that came in the same chunk, so that their slots count as free.
    queueMicrotask(() => this.#fill());
  }

  /** Fetches no more; settles when nothing is outstanding and the connections have ended. */
  async finish(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#lanes.map((lane) => lane.finish()));
  }

  #fill(): void {
    this.#filling = false;
    this.#options.onTurn();
    const { slots, answerRoom } = this.#options;
    let free = this.#stopping ? 0 : Math.min(slots.total - slots.running - this.outstanding, answerRoom());
    // The first lanes first: where few slots are free at a time, few lanes are used, and each write takes more.
    const { roundTripMs, gathering } = this.#options.pace;
    for (const lane of this.#lanes) {
      lane.judge(reads.lastMs, roundTripMs, gathering);
      if (free <= 0) continue;
      const take = Math.min(lane.room, free);
      if (take > 0) lane.fetch(take);
      free -= take;
    }
  }
}

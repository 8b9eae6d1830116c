// Asks the job server twice a second during a run for its queue's depth, how old the oldest job in it is, and for what it holds.

import type { DepthSample } from '@jobstorm/loadtest';
import type { Client, ServerInfo } from '@jobstorm/protocol';

const everyMs = 500;

/** What INFO says that bears on one run's queues. */
export interface Held {
  depth: number;
  /** Jobs in the queues, running, or to be retried or run later; null: this server does not say. */
  all: number | null;
}

/** Age of the oldest job over these queues, in seconds; null: this server does not say. */
function oldestOf(ages: Record<string, number> | null): number | null {
  const known = Object.values(ages ?? {}).filter((age) => Number.isFinite(age));
  return known.length === 0 ? null : Math.max(0, ...known);
}

export function heldOf(info: ServerInfo, queues: readonly string[]): Held {
  const { queues: sizes, sets } = info.faktory;
  const depth = queues.reduce((sum, queue) => sum + (sizes[queue] ?? 0), 0);
  return { depth, all: sets ? depth + sets.working + sets.retries + sets.scheduled : null };
}

export class DepthSampler {
  readonly samples: DepthSample[] = [];
  /** The latest answer; null: none, or the server is away. */
  latest: (Held & { oldestJobS: number | null }) | null = null;
  readonly #client: Client;
  readonly #queues: readonly string[];
  readonly #startMs: number;
  readonly #timer: NodeJS.Timeout;
  #asking: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;

  constructor(client: Client, queues: readonly string[]) {
    this.#client = client;
    this.#queues = queues;
    this.#startMs = performance.now();
    this.#timer = setInterval(() => void this.ask(), everyMs);
  }

  /** Asks now; one question at a time. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      const [info, ages] = await Promise.all([
        this.#client.info(),
        this.#client.queueLatency(this.#queues).catch(() => null),
      ]);
      const held = { ...heldOf(info, this.#queues), oldestJobS: oldestOf(ages) };
      this.latest = held;
      this.samples.push({ atS: (performance.now() - this.#startMs) / 1000, depth: held.depth });
    } catch {
      this.latest = null; // away: what it holds is not known
    }
  }

  /** The last figure counts as the end's. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#asking;
    await this.ask();
  }
}

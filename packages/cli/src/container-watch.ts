// Follows the containers of a run in the control room: what their engine said of each when the run began, while it went on, and
// once after its end. Readings come about once a second, so the one after the end is waited for, but not for long.
//
//   start ──▶ before ──▶ look, twice a second ──▶ during … ──▶ finish ──▶ after (the first newer one of each container in use)

import type { Answer, ContainerView, HostView } from '@jobstorm/dashboard';
import type { ContainerReadings } from '@jobstorm/loadtest';
import type { SeenContainer } from './run-containers.ts';

const lookEveryMs = 500;
const waitEveryMs = 100;
/** docker-stats reads each container once a second, and sends as often. */
const waitAtMostMs = 3000;

interface Log {
  before: ContainerView;
  during: ContainerView[];
  after: ContainerView | null;
}

export interface ContainerWatchOptions {
  hosts: () => Answer<HostView[]>;
  /** Monotonic, in ms. */
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

const keyOf = (host: HostView, { id }: ContainerView): string => `${host.host}/${id}`;
const latestOf = ({ before, during }: Log): ContainerView => during.at(-1) ?? before;

export class ContainerWatch {
  /** As they were when the run began. */
  readonly hosts: readonly HostView[];
  readonly #ask: () => Answer<HostView[]>;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #logs = new Map<string, Log>();
  readonly #timer: NodeJS.Timeout | null;
  #asking: Promise<void> | null = null;
  #ended = false;

  /** Rejects when the control room can't be asked. */
  static async start(options: ContainerWatchOptions): Promise<ContainerWatch> {
    return new ContainerWatch(options, await options.hosts());
  }

  private constructor(
    { hosts: ask, now = () => performance.now(), sleep = pause }: ContainerWatchOptions,
    hosts: HostView[],
  ) {
    this.hosts = hosts;
    this.#ask = ask;
    this.#now = now;
    this.#sleep = sleep;
    for (const host of hosts) {
      for (const container of host.containers) {
        this.#logs.set(keyOf(host, container), { before: container, during: [], after: null });
      }
    }
    this.#timer = this.#logs.size === 0 ? null : setInterval(() => void this.look(), lookEveryMs);
  }

  /** Takes in what is new; one question at a time. Never rejects. */
  look(): Promise<void> {
    this.#asking ??= this.#look().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #look(): Promise<void> {
    try {
      for (const host of await this.#ask()) for (const container of host.containers) this.#take(host, container);
    } catch {
      // The control room is away: what it says later is as good, since the counters go on.
    }
  }

  #take(host: HostView, container: ContainerView): void {
    const log = this.#logs.get(keyOf(host, container));
    if (!log || container.readAtMs <= latestOf(log).readAtMs) return;
    if (this.#ended) log.after ??= container;
    else log.during.push(container);
  }

  /** The run is over: waits for a newer reading of each of these, 3 s at most, or until `isOff`. Looks no more afterwards. */
  async finish(inUse: readonly SeenContainer[], isOff: () => boolean): Promise<void> {
    this.close();
    await this.look();
    this.#ended = true;
    const logs = inUse
      .map((seen) => this.#logs.get(keyOf(seen.host, seen.container)))
      .filter((log) => log !== undefined);
    const untilMs = this.#now() + waitAtMostMs;
    while (logs.some(({ after }) => after === null) && this.#now() < untilMs && !isOff()) {
      await this.#sleep(waitEveryMs);
      await this.look();
    }
  }

  /** Looks no more. */
  close(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  readings({ host, container }: SeenContainer): ContainerReadings | null {
    return this.#logs.get(keyOf(host, container)) ?? null;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// The containers of this host, read one after the other, spread over a second, so that the engine sees no burst. Every container's
// turn comes once a round:
//
//   round:  list (every few) ─▶ ask a ─ gap ─ ask b ─ gap ─ … ─▶ next round         a failure ─▶ unavailable, asked again soon
//
// Nobody waits for an answer before the next turn: engines before 23 hold each one until their own next second. Invariant: a
// container is asked for one at a time; what is shown are readings that the engine gave, while it is away the last ones, and `unavailable`
// says why. A container appears with its first reading and goes when it leaves the engine's list.

import type { ContainerUsage, DockerSnapshot } from '@jobstorm/telemetry';
import type { ContainerIdentity, ContainerLimits, ContainerReading } from './container-usage.ts';
import type { Engine, EngineHost } from './docker-engine.ts';

/** Each container is read this often, until there are so many that the gaps would be shorter than the least. */
const roundMs = 1000;
const leastGapMs = 100;
/** Containers come and go rarely, and limits change rarelier. */
const listEveryMs = 2000;
const limitsEveryMs = 10_000;
/** An engine that is away is asked again this often: with the deadline of a call, it is seen within 10 s of its return. */
const retryMs = 2000;

interface Watched {
  identity: ContainerIdentity;
  limits: ContainerLimits | null;
  limitsAtMs: number;
  reading: ContainerReading | null;
  /** The question under way; null: none. */
  asked: Promise<void> | null;
}

export interface DockerWatchOptions {
  engine: Engine;
  /** What is said of the host until the engine has answered. */
  host: EngineHost;
  /** Monotonic, in ms. */
  now?: () => number;
  /** Calls `done` after `ms`; what it returns calls that off. */
  after?: (ms: number, done: () => void) => () => void;
  /** Called once a round and at each attempt to reach an engine that is away: the watch is alive. */
  onRound?: () => void;
  /** Called when the engine goes (with the reason) and when it is back (null). */
  onChange?: (unavailable: string | null) => void;
}

function afterTimeout(ms: number, done: () => void): () => void {
  const timer = setTimeout(done, ms);
  return () => clearTimeout(timer);
}

export class DockerWatch {
  readonly #options: DockerWatchOptions;
  readonly #now: () => number;
  readonly #after: NonNullable<DockerWatchOptions['after']>;
  readonly #watched = new Map<string, Watched>();
  #stopped = false;
  /** Ends the pause under way. */
  #wake: () => void = () => {};
  #host: EngineHost;
  #hostKnown = false;
  #unavailable: string | null = null;
  /** Of a reading, for the round to find. */
  #failure: Error | null = null;
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #loop: Promise<void> | null = null;

  constructor(options: DockerWatchOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#after = options.after ?? afterTimeout;
    this.#host = options.host;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Settles when the questions under way have been answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#loop;
    await this.#answers();
  }

  async #answers(): Promise<void> {
    await Promise.all([...this.#watched.values()].map(({ asked }) => asked));
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#options.onRound?.();
      try {
        await this.#round();
        this.#change(null);
      } catch (error) {
        this.#hostKnown = false; // another engine may come back
        this.#listedAtMs = Number.NEGATIVE_INFINITY;
        this.#change((error as Error).message);
        await this.#answers();
        this.#failure = null;
        await this.#pause(retryMs);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const callOff = this.#after(ms, resolve);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
  }

  #change(unavailable: string | null): void {
    const before = this.#unavailable;
    this.#unavailable = unavailable;
    if ((before === null) !== (unavailable === null)) this.#options.onChange?.(unavailable);
  }

  async #round(): Promise<void> {
    const { engine } = this.#options;
    if (!this.#hostKnown) {
      this.#host = await engine.host();
      this.#hostKnown = true;
    }
    if (this.#now() - this.#listedAtMs >= listEveryMs) {
      this.#keep(await engine.containers());
      this.#listedAtMs = this.#now();
    }
    const running = [...this.#watched.values()].filter(({ identity }) => identity.state === 'running');
    if (running.length === 0) return this.#pause(roundMs);
    for (const watched of running) {
      if (this.#stopped) return;
      watched.asked ??= this.#read(watched).finally(() => {
        watched.asked = null;
      });
      await this.#pause(Math.max(leastGapMs, roundMs / running.length));
      if (this.#failure) throw this.#failure;
    }
  }

  /** The engine's list, with what is known of each. */
  #keep(list: readonly ContainerIdentity[]): void {
    const ids = new Set(list.map(({ id }) => id));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    for (const identity of list) {
      const known = this.#watched.get(identity.id);
      if (known) known.identity = identity;
      else this.#watched.set(identity.id, { identity, limits: null, limitsAtMs: 0, reading: null, asked: null });
    }
  }

  /** Never rejects: a failure is the round's to find. */
  async #read(watched: Watched): Promise<void> {
    const { engine } = this.#options;
    const { id } = watched.identity;
    try {
      if (watched.limits === null || this.#now() - watched.limitsAtMs >= limitsEveryMs) {
        watched.limits = (await engine.limits(id)) ?? watched.limits;
        watched.limitsAtMs = this.#now();
      }
      const reading = await engine.reading(id);
      if (reading !== null) watched.reading = reading;
      else this.#listedAtMs = Number.NEGATIVE_INFINITY; // it ended: what became of it?
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  /** What is known at this moment. */
  containers(): ContainerUsage[] {
    return [...this.#watched.values()].flatMap(({ identity, limits, reading }) =>
      limits && reading ? [{ ...identity, ...limits, ...reading }] : [],
    );
  }

  view(): Pick<DockerSnapshot, 'unavailable' | 'hostCores' | 'hostMemoryBytes' | 'containers'> {
    return {
      unavailable: this.#unavailable,
      hostCores: this.#host.cores,
      hostMemoryBytes: this.#host.memoryBytes,
      containers: this.containers(),
    };
  }
}

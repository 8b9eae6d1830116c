// What a worker process is told, and what every engine does with it.

import type { ServerAddress } from '@jobstorm/protocol';
import type { Phases, WorkerSnapshot } from '@jobstorm/telemetry';
import type { JobRules } from './job-type.ts';
import type { Middleware } from './middleware.ts';
import type { QueueLimits } from './queue-rules.ts';

export type EngineName = 'pipelined' | 'faktory-worker';

/** What a snapshot says besides the runs. */
export type WorkerStatus = Omit<WorkerSnapshot, 'runs'>;

export interface WorkerOptions extends JobRules {
  address: ServerAddress;
  /** At least 8 characters, another one for each process. */
  wid: string;
  /** Slots of this process. */
  slots: number;
  /** Names, in strict order; or `name:weight`. */
  queues: readonly string[];
  /** This process's share; absent: none. */
  limits?: QueueLimits;
  /** Connections that this process may hold. */
  connections: number;
  /** Connections that it may hold while nothing comes; absent: 4. */
  idleConnections?: number;
  /** Connections of each kind, to FETCH on and for ACKs, that it opens once jobs come fast; absent: 8. */
  lanes?: number;
  /** Around every job, the first one outermost; absent: none. */
  middleware?: readonly Middleware[];
  /** How long the job server may say nothing while it owes answers; absent: 10 seconds. */
  silenceMs?: number;
  /** How long running jobs may take to finish after `stop`, before they are FAILed. */
  graceMs: number;
  /** One line about trouble that the worker lives with. */
  log: (message: string) => void;
}

/** What can be changed while it runs; what is absent stays. */
export interface EngineChange {
  slots?: number;
  queues?: readonly string[];
  limits?: QueueLimits;
}

export interface Engine {
  /** Registers with the job server and begins to fetch. @throws ConnectionError and the like when it can't */
  start(): Promise<void>;
  /** Fetches no more; jobs that run go on. Settles when nothing is outstanding. */
  quiet(): Promise<void>;
  /**
   * Quiet, then waits for running jobs, FAILs those that take longer than the grace, and ends all connections. `graceMs`: from now, in
   * place of the one in the options or of a former call; null: as long as they take.
   */
  stop(graceMs?: number | null): Promise<void>;
  /** Changes what is given, from the next FETCH on. With fewer slots, what runs is finished first. */
  configure(change: EngineChange): void;
  /** Settles when the engine has ended, by `stop` or because the server said so. */
  readonly ended: Promise<void>;
  /** `onIdle` is called when the last running job is over. */
  onIdle: (() => void) | null;
  status(): WorkerStatus;
  /** Histograms over all runs that it has seen. */
  phases(): Phases;
  snapshot(complete: boolean): WorkerSnapshot;
}

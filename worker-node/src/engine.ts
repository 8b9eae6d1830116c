// What a worker process is told, and what every engine does with it.

import type { ServerAddress } from '@jobstorm/protocol';
import type { Phases, WorkerSnapshot } from '@jobstorm/telemetry';
import type { Handlers } from './handlers.ts';

export type EngineName = 'pipelined' | 'faktory-worker';

/** What a snapshot says besides the runs. */
export type WorkerStatus = Omit<WorkerSnapshot, 'runs'>;

export interface WorkerOptions {
  address: ServerAddress;
  /** At least 8 characters, another one for each process. */
  wid: string;
  /** Slots of this process. */
  slots: number;
  queues: readonly string[];
  /** Connections that this process may hold. */
  connections: number;
  handlers: Handlers;
  /** How long running jobs may take to finish after `stop`, before they are FAILed. */
  graceMs: number;
  /** One line about trouble that the worker lives with. */
  log: (message: string) => void;
}

export interface Engine {
  /** Registers with the job server and begins to fetch. @throws ConnectionError and the like when it can't */
  start(): Promise<void>;
  /** Fetches no more; jobs that run go on. Settles when nothing is outstanding. */
  quiet(): Promise<void>;
  /** Quiet, then waits for running jobs, FAILs those that take longer than the grace, and ends all connections. */
  stop(): Promise<void>;
  /** Settles when the engine has ended, by `stop` or because the server said so. */
  readonly ended: Promise<void>;
  /** `onIdle` is called when the last running job is over. */
  onIdle: (() => void) | null;
  status(): WorkerStatus;
  /** Histograms over all runs that it has seen. */
  phases(): Phases;
  snapshot(complete: boolean): WorkerSnapshot;
}

// What the supervisor and its processes say to each other, over Node's IPC channel.

import type { ServerAddress } from '@jobstorm/protocol';
import type { Phases } from '@jobstorm/telemetry';
import type { EngineName, WorkerStatus } from './engine.ts';
import type { QueueLimits } from './queue-rules.ts';

export interface StartMessage {
  type: 'start';
  engine: EngineName;
  address: ServerAddress;
  wid: string;
  slots: number;
  /** Names, in strict order; or `name:weight`. */
  queues: readonly string[];
  /** This process's share. */
  limits: QueueLimits;
  /** At most, and while nothing comes. */
  connections: number;
  idleConnections: number;
  graceMs: number;
  jobsFile: string | null;
  /** How long a job may take; null: as long as it takes. */
  jobTimeoutMs: number | null;
  /** The control room; null: none. */
  control: string | null;
  /** Shown to the control room. */
  token: string | null;
  /** This host's name for the control room; null: the system's own. */
  hostName: string | null;
  /** The supervisor's id, the same for all of its processes. */
  group: string;
  capCores: number;
  version: string;
}

/** `poll`: report now, with the phases. */
export type ToProcess = StartMessage | { type: 'quiet' } | { type: 'stop' } | { type: 'poll' };

/** How a process is, twice a second from the moment that it fetches. Counters run from its start. */
export interface ProcessReport {
  type: 'report';
  status: WorkerStatus;
  /** Null unless polled: they are large. */
  phases: Phases | null;
}

/** `ended`: in good order, by `stop` or because the job server said terminate. */
export type FromProcess =
  | { type: 'ready' }
  | { type: 'failed'; code: string; message: string }
  | { type: 'log'; message: string }
  | ProcessReport
  | { type: 'ended' };

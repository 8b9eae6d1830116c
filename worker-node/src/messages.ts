// What the supervisor and its processes say to each other, over Node's IPC channel.

import type { ServerAddress } from '@jobstorm/protocol';
import type { Phases, SettingsOutcome, WorkerSettings } from '@jobstorm/telemetry';
import type { EngineChange, EngineName, WorkerStatus } from './engine.ts';
import type { ProcessShare } from './worker-task.ts';

/** What a process is told besides its share. */
export interface StartMessage extends ProcessShare {
  type: 'start';
  engine: EngineName;
  address: ServerAddress;
  wid: string;
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

/** What the control room wants of the whole worker, as one of its processes heard it. */
export interface WantedSettings {
  number: number;
  worker: WorkerSettings;
}

/**
 * `stop`: end when what runs is done, `graceMs` later at the latest (null: whenever that is). `poll`: report now, with the phases.
 * `settled`: what became of the settings of that number.
 */
export type ToProcess =
  | StartMessage
  | { type: 'quiet' }
  | { type: 'stop'; graceMs: number | null }
  | { type: 'change'; change: EngineChange }
  | { type: 'settled'; number: number; outcome: SettingsOutcome }
  | { type: 'poll' };

/** How a process is, twice a second from the moment that it fetches. Counters run from its start. */
export interface ProcessReport {
  type: 'report';
  status: WorkerStatus;
  /** Of the memory that its JavaScript may use, the share in use. */
  heapShare: number;
  /** Null unless polled: they are large. */
  phases: Phases | null;
}

/** `settings`: the control room wants them of the whole worker. `ended`: in good order, by `stop` or because the job server said terminate. */
export type FromProcess =
  | { type: 'ready' }
  | { type: 'failed'; code: string; message: string }
  | { type: 'log'; message: string }
  | ({ type: 'settings' } & WantedSettings)
  | ProcessReport
  | { type: 'ended' };

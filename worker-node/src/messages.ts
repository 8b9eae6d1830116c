// What the supervisor and its processes say to each other, over Node's IPC channel.

import type { ServerAddress } from '@jobstorm/protocol';
import type { EngineName } from './engine.ts';

export interface StartMessage {
  type: 'start';
  engine: EngineName;
  address: ServerAddress;
  wid: string;
  slots: number;
  queues: readonly string[];
  connections: number;
  graceMs: number;
  jobsFile: string | null;
  /** The control room; null: none. */
  control: string | null;
  token: string | null;
  /** The supervisor's id, the same for all of its processes. */
  group: string;
  capCores: number;
  version: string;
}

export type ToProcess = StartMessage | { type: 'quiet' } | { type: 'stop' };

/** `ended`: in good order, by `stop` or because the job server said terminate. */
export type FromProcess =
  | { type: 'ready' }
  | { type: 'failed'; code: string; message: string }
  | { type: 'log'; message: string }
  | { type: 'ended' };

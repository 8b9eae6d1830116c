// What the parts tell the control room, as JSON messages over one websocket each. The first message of a connection is a
// Hello, then Snapshots. Counters, histograms and ledger pages are cumulative since the part started: a lost message is
// repaired by the next one, a repeated one changes nothing, and a merge is a sum over the latest snapshot of each part.

import type { CgroupUsage } from './cgroup.ts';
import type { HistogramData } from './histogram.ts';
import type { LedgerPage } from './ledger.ts';
import type { SettingsMessage } from './part-settings.ts';

export type PartKind = 'worker' | 'api' | 'docker';

/** Who speaks. `id` is new at every start of a process, so counters that start again at 0 belong to another part. */
export interface Hello {
  type: 'hello';
  part: PartKind;
  id: string;
  host: string;
  pid: number;
  version: string;
  startedAtMs: number;
  /** Cores that the whole part may use (a worker's CPUS over all its processes; null: not capped). */
  capCores: number | null;
  /** For worker processes: the supervisor they belong to, so that a cap of 8 CPUs over 8 processes is counted once. */
  group: string;
}

/** What a process used, by its own account. */
export interface ProcessUsage {
  /** User + system CPU time since the process started, in microseconds. */
  cpuUs: number;
  rssBytes: number;
  /** The event loop's lateness, 99th percentile since the last snapshot, in microseconds; null: not measured. */
  loopDelayP99Us: number | null;
}

/** The stretches of a job's life. endToEnd: due → ACK answered. sendLag: due → sent, in an open run. submit: due (in a closed run:
 * sent) → answered, as its sender saw it. accept: due → taken in by the api-service, sendLag included. batchWait: taken in → its PUSHB
 * written. push: PUSHB written → answered.
 * fireLag: `at` → fetched, of delayed jobs. queueWait: enqueued_at → fetched. dispatch: fetched → handler started. service: the
 * handler. ack: handler ended → ACK answered. */
export const phaseNames = [
  'endToEnd',
  'sendLag',
  'submit',
  'accept',
  'batchWait',
  'push',
  'fireLag',
  'queueWait',
  'dispatch',
  'service',
  'ack',
] as const;
export type Phase = (typeof phaseNames)[number];

export type Phases = Partial<Record<Phase, HistogramData>>;

/** Completions over time: counts[i] jobs were completed from (firstBucket + i) * bucketMs epoch milliseconds on. */
export interface RateSeries {
  bucketMs: number;
  firstBucket: number;
  counts: number[];
}

/** One run as one worker process saw it. */
export interface RunTally {
  run: string;
  /** Acknowledged, each sequence number once. */
  completed: number;
  /** Handler runs that ended in a FAIL. */
  failed: number;
  /** Jobs that arrived having failed before (`failure.retry_count` present). */
  retried: number;
  /** Acknowledged again by this process; between processes the control room finds them by the pages. */
  duplicated: number;
  /** Jobs whose sequence number can't be one (`Ledger.unexpected`). */
  unexpected?: number;
  /** Epoch microseconds of the first fetched job and of the last acknowledged one. */
  firstFetchUs: number;
  lastAckUs: number;
  /** Whole in the first message and after a reconnect; then the buckets that changed since the last message. */
  phases: Phases;
  series: RateSeries;
  /** Sequence numbers done: the pages that changed since the last message; all of them after a reconnect. */
  pages: LedgerPage[];
}

/** One job type as one worker process ran it, whatever run its jobs belonged to. */
export interface JobTypeTally {
  jobtype: string;
  /** Jobs of `service` that ended in a FAIL. */
  failed: number;
  /** Time in the handler, of every job that ended. */
  service: HistogramData;
}

export interface WorkerSnapshot {
  type: 'worker';
  sentAtUs: number;
  state: 'running' | 'quiet' | 'terminate';
  /** Registered with the job server: HELLO answered, at least one BEAT sent. */
  connected: boolean;
  slots: { total: number; running: number };
  /** Jobs that came and wait: for a slot (prefetched), or for their type's rate. */
  held?: number;
  connections: number;
  /** late: of those that completed or failed, the ones that took longer than their reservation. */
  totals: { fetched: number; completed: number; failed: number; late?: number };
  usage: ProcessUsage;
  /** What its control group grants and has used, where one limits it; all processes of a worker tell of the same group. */
  cgroup?: CgroupUsage | null;
  /** Those that did something, the busiest 32. */
  jobTypes?: JobTypeTally[];
  runs: RunTally[];
}

export interface ApiSnapshot {
  type: 'api';
  sentAtUs: number;
  /** The job server answers. */
  connected: boolean;
  totals: { requests: number; accepted: number; refused: number; batches: number };
  waiting: number;
  batchesInFlight: number;
  phases: Phases;
  usage: ProcessUsage;
}

/** One container as its engine accounts for it. Counters run from the container's start. */
export interface ContainerUsage {
  /** The engine's id, its first 12 characters. */
  id: string;
  name: string;
  /** Compose's names; empty for a container that compose did not start. */
  project: string;
  service: string;
  image: string;
  /** The engine's word: running, exited, restarting … */
  state: string;
  /** Epoch milliseconds of the engine's reading. */
  readAtMs: number;
  /** CPU time used, in microseconds. */
  cpuUs: number;
  /** Cores it may use; null: not capped. */
  capCores: number | null;
  /** Scheduler periods in all, those in which it was held back at its cap, and for how long, in microseconds. */
  periods: number;
  throttledPeriods: number;
  throttledUs: number;
  /** Without page cache. */
  memoryBytes: number;
  /** null: not limited. */
  memoryLimitBytes: number | null;
  networkRxBytes: number;
  networkTxBytes: number;
  blockReadBytes: number;
  blockWriteBytes: number;
}

/** The containers of one host. Never their environments or arguments. */
export interface DockerSnapshot {
  type: 'docker';
  sentAtUs: number;
  /** Why the engine can't be asked; null: it answers. The containers are then those last seen. */
  unavailable: string | null;
  /** Cores and memory of the host. */
  hostCores: number;
  hostMemoryBytes: number;
  containers: ContainerUsage[];
  usage: ProcessUsage;
}

export type Snapshot = WorkerSnapshot | ApiSnapshot | DockerSnapshot;

/** From a part to the control room, besides snapshots: what its clock said when it was asked. */
export interface ClockAnswer {
  type: 'clock';
  /** As the question had it. */
  sentUs: number;
  /** Epoch microseconds by the part's clock. */
  atUs: number;
}

/** From the control room to a part. `poll`: send a snapshot now. `clock`: say at once what time it is. */
export type ControlMessage = { type: 'poll' } | { type: 'clock'; sentUs: number } | SettingsMessage;

// What the control room answers: plain data, the same in process and over HTTP.

import type {
  ApiSnapshot,
  ClockOffset,
  ContainerUsage,
  DockerSnapshot,
  Hello,
  HistogramData,
  LedgerPage,
  Phase,
  Phases,
  ProcessUsage,
  RateSeries,
  SettingsOutcome,
  WorkerSnapshot,
} from '@jobstorm/telemetry';

/** A process that reports. `usage` and `connected` stand in its `state`. */
interface PartView {
  id: string;
  /** Connected to the control room. */
  live: boolean;
  /** When its latest snapshot came, epoch milliseconds by the control room's clock. */
  seenAtMs: number;
  /** How far its clock is ahead of the control room's; null: not known (yet). */
  clock: ClockOffset | null;
  hello: Hello;
  /** As it answered when settings were changed or asked for last; null: that was not since it connected. Older control rooms have none. */
  settings?: SettingsOutcome['inForce'] | null;
}

export interface WorkerView extends PartView {
  part: 'worker';
  state: Omit<WorkerSnapshot, 'type' | 'runs'>;
}

export interface ApiView extends PartView {
  part: 'api';
  state: Omit<ApiSnapshot, 'type' | 'phases'>;
  /** Since the api-service started, over all that it took in: for one run, `Histogram.since`. */
  phases: Phases;
}

/** One run's counts, merged over the workers that took part. */
export interface RunCounts {
  run: string;
  /** Different sequence numbers acknowledged. */
  completed: number;
  /** Acknowledgements beyond the first of a sequence number, within a worker and between them. */
  duplicated: number;
  failed: number;
  retried: number;
  /** Jobs of the run without a possible sequence number. */
  unexpected: number;
  /** Epoch microseconds; null: none yet. */
  firstFetchUs: number | null;
  lastAckUs: number | null;
}

export interface LatencyUs {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
  count: number;
}

/** What fits into a live message: no ledgers, no histograms. */
export interface RunSummary extends RunCounts {
  parts: number;
  latencyUs: Partial<Record<Phase, LatencyUs>>;
}

/** How a run goes, without its ledgers: cheap enough to be asked twice a second. */
export interface RunPulse extends RunCounts {
  /** endToEnd of all jobs so far; null: nobody recorded it yet. */
  endToEnd: HistogramData | null;
  /** Time in handlers of all jobs so far, and how many they are; null, or not there: nobody recorded it yet. */
  service?: { sumUs: number; count: number } | null;
  /** The quickest ACKs (p1), in microseconds; null, or not there: none. */
  roundTripUs?: number | null;
}

/** A worker process in a run, also after it has gone. */
export interface RunPart {
  id: string;
  live: boolean;
  host: string;
  pid: number;
  group: string;
  capCores: number | null;
  completed: number;
  failed: number;
  /** As last reported, with the epoch microseconds of that by the part's clock. */
  usage: ProcessUsage | null;
  usageAtUs: number | null;
}

/** All of a run, as `RunView.toJSON` and `GET /runs/:run` have it. */
export interface RunData extends RunCounts {
  parts: RunPart[];
  phases: Phases;
  series: RateSeries;
  pages: LedgerPage[];
}

/** The job server's own account (INFO), for a control room that was given its address. */
export interface ServerView {
  /** Without its password. */
  url: string;
  connected: boolean;
  /** Epoch milliseconds of the figures; null: none yet. */
  sampledAtMs: number | null;
  version: string | null;
  /** Jobs waiting, over all queues; null: none yet. */
  enqueued: number | null;
  /** Queue to jobs waiting. */
  queues: Record<string, number>;
  working: number | null;
  scheduled: number | null;
  retries: number | null;
  dead: number | null;
  connections: number | null;
}

/** A container's latest reading, and what it did between that one and an earlier one. */
export interface ContainerView extends ContainerUsage {
  /** null: read only once so far, or started again in between. */
  usedCores: number | null;
  /** Share of the scheduler's periods in which it was held back at its cap; null: none went by, or it has no cap. */
  throttledShare: number | null;
}

/** The containers of one host, as its docker-stats say. */
export interface HostView extends Pick<DockerSnapshot, 'unavailable' | 'hostCores' | 'hostMemoryBytes'> {
  host: string;
  /** A docker-stats is connected; false: all that follows is as it was at `seenAtMs`. */
  live: boolean;
  seenAtMs: number;
  /** Compose projects of those who report here: theirs are the containers that belong to this control room's cluster. */
  projects: string[];
  containers: ContainerView[];
}

/** `GET /stats`. */
export interface RoomStats {
  parts: (WorkerView | ApiView)[];
  runs: RunSummary[];
  server: ServerView | null;
  hosts: HostView[];
}

/** What `/watch` sends: who is there now, and the runs that changed since the message before (all of them in the first). */
export interface WatchMessage {
  type: 'view';
  sentAtMs: number;
  workers: (Omit<WorkerView, 'state'> & { state: Omit<WorkerView['state'], 'jobTypes'> })[];
  apis: Omit<ApiView, 'phases'>[];
  runs: RunSummary[];
  server: ServerView | null;
  hosts: HostView[];
}

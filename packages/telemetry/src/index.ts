// What every part measures and how it merges: the door of this package. It imports nothing of ours.

export { Cgroup, type CgroupUsage, type ReadText } from './cgroup.ts';
export { epochUs, epochUsAt } from './clock.ts';
export { bestOffset, ClockEstimator, type ClockExchange, type ClockOffset, chainOffsets } from './clock-offset.ts';
export { makeHello } from './hello.ts';
export { checkHistogramData, Histogram, type HistogramData } from './histogram.ts';
export { checkLedgerPage, LEDGER_PAGE_SIZE, Ledger, type LedgerPage, type SeqRange } from './ledger.ts';
export type {
  ApiSettings,
  SettingsAnswer,
  SettingsMessage,
  SettingsOutcome,
  WorkerSettings,
} from './part-settings.ts';
export { checkRateSeries, mergeRateSeries, RATE_BUCKET_MS, RATE_MAX_BUCKETS, RateCounter } from './rate.ts';
export { partsUrl, Reporter, type ReporterOptions, socketUrl } from './reporter.ts';
export { LONGEST_RETRY_MS, RoomLink, type RoomLinkOptions } from './room-link.ts';
export {
  type ApiSnapshot,
  type ClockAnswer,
  type ContainerUsage,
  type ControlMessage,
  type DockerSnapshot,
  type Hello,
  type JobTypeTally,
  type PartKind,
  type Phase,
  type Phases,
  type ProcessUsage,
  phaseNames,
  type RateSeries,
  type RunTally,
  type Snapshot,
  type WorkerSnapshot,
} from './snapshot.ts';
export { measureUsage } from './usage.ts';

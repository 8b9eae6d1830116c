// What a run is to be, under a name: the jobs it is made of, and the settings of perf-test that belong to them. Flags and environment
// come before a scenario's settings, those before perf-test's own defaults.

import type { KeyTable } from './key-metrics.ts';
import type { JobKind } from './mix.ts';
import type { MeasuredPart, Via } from './plan.ts';

/** Settings of perf-test by their names; what is absent stays as it is. */
export interface ScenarioSettings {
  jobs?: number;
  rate?: number;
  ramp?: string;
  burst?: string;
  tides?: number;
  drain?: boolean;
  durationMs?: number;
  backlog?: number;
  phase?: MeasuredPart;
  concurrency?: number;
  cpus?: number;
  via?: Via;
  queue?: string;
  patienceMs?: number;
}

export interface Scenario {
  name: string;
  /** One line: what it shows. */
  about: string;
  settings: ScenarioSettings;
  kinds: readonly JobKind[];
  /** Shown beside what others say. */
  keyTable?: KeyTable;
}

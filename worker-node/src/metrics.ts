// What a worker looks like to Prometheus: the reports of its processes, made into samples and added up by prom-client.
// Invariant: counters never fall while the supervisor lives, since what processes did that have gone stays in the sums.

import { Histogram, type HistogramData, type Phases } from '@jobstorm/telemetry';
import { AggregatorRegistry } from 'prom-client';
import type { WorkerStatus } from './engine.ts';
import type { ProcessReport } from './messages.ts';

/** Upper bounds of the histograms' buckets, in seconds. */
const boundsS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

interface Sample {
  value: number;
  labels: Record<string, string | number>;
  metricName?: string;
}

interface Metric {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  aggregator: 'sum';
  values: Sample[];
}

function metric(type: Metric['type'], name: string, help: string, value: number): Metric {
  return { name: `jobstorm_worker_${name}`, help, type, aggregator: 'sum', values: [{ value, labels: {} }] };
}

function counters({ totals, usage }: Pick<WorkerStatus, 'totals' | 'usage'>): Metric[] {
  return [
    metric('counter', 'jobs_fetched_total', 'Jobs that the job server handed out.', totals.fetched),
    metric('counter', 'jobs_completed_total', 'Jobs whose ACK was answered.', totals.completed),
    metric('counter', 'jobs_failed_total', 'Jobs whose FAIL was answered.', totals.failed),
    metric('counter', 'jobs_late_total', 'Jobs that took longer than their reservation.', totals.late ?? 0),
    metric('counter', 'cpu_seconds_total', 'CPU time of the worker processes.', usage.cpuUs / 1e6),
  ];
}

function gauges({ slots, connections, connected, usage }: WorkerStatus): Metric[] {
  return [
    metric('gauge', 'slots', 'Jobs that may run at the same time.', slots.total),
    metric('gauge', 'slots_running', 'Jobs that run.', slots.running),
    metric('gauge', 'connections', 'Connections to the job server.', connections),
    metric('gauge', 'processes_connected', 'Processes registered with the job server.', connected ? 1 : 0),
    metric('gauge', 'resident_memory_bytes', 'Memory of the worker processes.', usage.rssBytes),
  ];
}

function phaseSamples(phase: string, data: HistogramData): Sample[] {
  const name = 'jobstorm_worker_phase_seconds';
  const histogram = Histogram.fromJSON(data);
  const bucket = (le: number | string, value: number): Sample => ({
    value,
    labels: { phase, le },
    metricName: `${name}_bucket`,
  });
  return [
    ...boundsS.map((bound) => bucket(bound, histogram.countUpTo(bound * 1e6))),
    bucket('+Inf', data.count),
    { value: data.sum / 1e6, labels: { phase }, metricName: `${name}_sum` },
    { value: data.count, labels: { phase }, metricName: `${name}_count` },
  ];
}

function phaseMetric(phases: Phases): Metric {
  return {
    name: 'jobstorm_worker_phase_seconds',
    help: "Stretches of a job's life, for jobs that belong to a run.",
    type: 'histogram',
    aggregator: 'sum',
    values: Object.entries(phases).flatMap(([phase, data]) => phaseSamples(phase, data)),
  };
}

/** What stays of processes that have gone: their counters and phases, added up. */
export class Departed {
  readonly #totals = { fetched: 0, completed: 0, failed: 0, late: 0 };
  readonly #usage = { cpuUs: 0, rssBytes: 0, loopDelayP99Us: null };
  readonly #phases = new Map<string, Histogram>();

  add({ status, phases }: ProcessReport): void {
    this.#totals.fetched += status.totals.fetched;
    this.#totals.completed += status.totals.completed;
    this.#totals.failed += status.totals.failed;
    this.#totals.late += status.totals.late ?? 0;
    this.#usage.cpuUs += status.usage.cpuUs;
    for (const [phase, data] of Object.entries(phases ?? {})) {
      const sum = this.#phases.get(phase) ?? new Histogram();
      sum.mergeData(data);
      this.#phases.set(phase, sum);
    }
  }

  metrics(): Metric[] {
    const phases = Object.fromEntries([...this.#phases].map(([phase, sum]) => [phase, sum.toJSON()]));
    return [...counters({ totals: this.#totals, usage: this.#usage }), phaseMetric(phases)];
  }
}

export interface WorkerView {
  /** The last of each process that lives. */
  reports: readonly ProcessReport[];
  departed: Departed;
  processes: number;
  restarts: number;
  capCores: number;
}

/** Of the group that all processes of a worker share, so one of them tells for all. */
function cgroupMetrics(reports: readonly ProcessReport[]): Metric[] {
  const usage = reports.findLast(({ status }) => status.cgroup)?.status.cgroup;
  if (!usage) return [];
  const { quotaCores, periods, throttledPeriods, throttledUs, memoryBytes, memoryLimitBytes } = usage;
  const cpu = [
    metric('counter', 'cgroup_periods_total', 'Periods of the CPU quota.', periods),
    metric('counter', 'cgroup_throttled_periods_total', 'Periods in which the quota held it back.', throttledPeriods),
    metric('counter', 'cgroup_throttled_seconds_total', 'For how long the quota held it back.', throttledUs / 1e6),
  ];
  return [
    ...(quotaCores === null ? [] : cpu),
    ...(memoryBytes === null
      ? []
      : [metric('gauge', 'cgroup_memory_bytes', 'Memory that counts towards the limit.', memoryBytes)]),
    ...(memoryLimitBytes === null
      ? []
      : [metric('gauge', 'cgroup_memory_limit_bytes', 'Limit of memory.', memoryLimitBytes)]),
  ];
}

/** In Prometheus's text form. */
export async function metricsText(view: WorkerView): Promise<{ contentType: string; text: string }> {
  const own = [
    metric('gauge', 'processes', 'Processes of this worker.', view.processes),
    metric('counter', 'restarts_total', 'Processes that died and were replaced.', view.restarts),
    metric('gauge', 'cap_cores', 'Cores that the worker may use.', view.capCores),
    ...cgroupMetrics(view.reports),
  ];
  const each = view.reports.map(({ status, phases }) => [
    ...counters(status),
    ...gauges(status),
    phaseMetric(phases ?? {}),
  ]);
  const registry = AggregatorRegistry.aggregate([own, view.departed.metrics(), ...each]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

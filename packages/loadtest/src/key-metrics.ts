// A table of the few figures that somebody else has published, beside what a run came to: `(result) → rows`, pure.

import type { RunResult } from './result.ts';

export interface KeyMetric {
  name: string;
  /** What was published, a cell for each of the table's heads. */
  published: readonly string[];
  /** null: not measured. `workers`: worker processes. */
  value(result: RunResult, workers: number): number | null;
  /** How the value is shown. */
  unit: 'perS' | 'us' | 'bytes' | 'share' | 's';
  /** Whether the value is as good as what was published; without it nothing is judged. */
  met?(value: number): boolean;
}

export interface KeyTable {
  title: string;
  heads: readonly string[];
  metrics: readonly KeyMetric[];
}

const per = (value: number | null, workers: number): number | null =>
  value === null || workers === 0 ? null : value / workers;

const succeeded = ({ jobs }: RunResult): number | null => (jobs.accepted === 0 ? null : jobs.completed / jobs.accepted);

/** Of Turbine's tuning guide. A worker is a worker process. */
export const turbineTable: KeyTable = {
  title: "Turbine's key metrics",
  heads: ['target'],
  metrics: [
    {
      name: 'submission rate',
      published: ['> 1,000/s'],
      value: ({ throughput }) => throughput.submitPerS,
      unit: 'perS',
      met: (perS) => perS > 1000,
    },
    {
      name: 'task latency (p95)',
      published: ['< 100 ms'],
      value: ({ latencyUs }) => latencyUs.endToEnd?.p95 ?? null,
      unit: 'us',
      met: (us) => us < 100_000,
    },
    {
      name: 'throughput of a worker',
      published: ['> 100/s'],
      value: ({ throughput }, workers) => per(throughput.completePerS, workers),
      unit: 'perS',
      met: (perS) => perS > 100,
    },
    {
      name: 'memory of a worker',
      published: ['< 100 MB'],
      value: ({ cost }, workers) => per(cost.workerRssBytes, workers),
      unit: 'bytes',
      met: (bytes) => bytes < 100e6,
    },
    {
      name: 'queue lag (p99)',
      published: ['< 5 s'],
      value: ({ latencyUs }) => latencyUs.queueWait?.p99 ?? null,
      unit: 'us',
      met: (us) => us < 5e6,
    },
    { name: 'success rate', published: ['> 99%'], value: succeeded, unit: 'share', met: (share) => share > 0.99 },
  ],
};

/** Of the comparison of Celery and AsyncTasQ, on whatever machine that was: 20,000 tasks that do nothing, 10 workers. */
export const celeryTable: KeyTable = {
  title: 'beside what was published (another machine, and with Redis as the broker)',
  heads: ['Celery', 'AsyncTasQ'],
  metrics: [
    {
      name: 'enqueue',
      published: ['~1 s', '~0.5 s'],
      value: ({ load }) => load.tides[0]?.buildS ?? null,
      unit: 's',
    },
    {
      name: 'processing',
      published: ['~20 s', '~15 s'],
      value: ({ load }) => load.tides[0]?.drainS ?? null,
      unit: 's',
    },
    {
      name: 'throughput',
      published: ['~950/s', '~1,290/s'],
      value: ({ throughput }) => throughput.completePerS,
      unit: 'perS',
    },
    {
      name: 'latency (p95), in truth',
      published: ['estimated', 'estimated'],
      value: ({ latencyUs }) => latencyUs.endToEnd?.p95 ?? null,
      unit: 'us',
    },
    {
      name: 'memory of the workers',
      published: ['not told', 'not told'],
      value: ({ cost }) => cost.workerRssBytes,
      unit: 'bytes',
    },
  ],
};

/** A row of a key table, filled in. */
export interface KeyFigure {
  metric: KeyMetric;
  value: number | null;
  /** null: there is nothing to judge, or it was not measured. */
  met: boolean | null;
}

/** @param workers worker processes of the run */
export function keyFigures(table: KeyTable, result: RunResult, workers: number): KeyFigure[] {
  return table.metrics.map((metric) => {
    const value = metric.value(result, workers);
    return { metric, value, met: value === null || !metric.met ? null : metric.met(value) };
  });
}

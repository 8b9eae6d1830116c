// Scenarios that are ready by name: what people who run job queues measure first. Each is one screen of settings and no more, so that it
// can be copied into a file and changed.

import { celeryTable, turbineTable } from './key-metrics.ts';
import { type JobKind, plainKind } from './mix.ts';
import type { Scenario } from './scenario.ts';

const kind = (jobtype: string, more: Partial<JobKind> = {}): JobKind => ({ ...plainKind, jobtype, ...more });
const fixed = (value: number) => ({ kind: 'fixed', value }) as const;

export const readyScenarios: readonly Scenario[] = [
  {
    name: 'noop',
    about: 'jobs that do nothing, as fast as they are taken: what the queue itself costs',
    settings: { jobs: 100_000 },
    kinds: [kind('noop')],
  },
  {
    name: 'arithmetic',
    about: 'add, subtract, multiply and divide in equal shares',
    settings: { jobs: 100_000 },
    kinds: ['add', 'subtract', 'multiply', 'divide'].map((jobtype) => kind(jobtype)),
  },
  {
    name: 'io-bound',
    about: 'jobs that wait: half of them below 20 ms, 95% below 100 ms, 2,000 at a time',
    settings: { jobs: 50_000, concurrency: 2000 },
    kinds: [kind('sleep', { service: { kind: 'lognormal', median: 20, p95: 100 } })],
  },
  {
    name: 'cpu-bound',
    about: 'jobs that compute for 1 to 3 ms each',
    settings: { jobs: 3000, concurrency: 50 },
    kinds: [kind('spin', { service: { kind: 'uniform', from: 1, to: 3 } })],
  },
  {
    name: 'mixed',
    about: 'at 1,000 jobs/s: 70% small ones, 20% that wait 50 ms on average, 5% that compute, 5% with 10 kB to carry',
    settings: { rate: 1000, durationMs: 20_000 },
    kinds: [
      kind('add', { weight: 70 }),
      kind('sleep', { weight: 20, service: { kind: 'exponential', mean: 50 } }),
      kind('spin', { weight: 5, service: { kind: 'uniform', from: 0.5, to: 2 } }),
      kind('payload', { weight: 5, bytes: fixed(10_000) }),
    ],
  },
  {
    name: 'big-payloads',
    about: 'jobs that carry 10 to 100 kB of text',
    settings: { jobs: 5000 },
    kinds: [kind('payload', { bytes: { kind: 'uniform', from: 10_000, to: 100_000 } })],
  },
  {
    name: 'failing',
    about: '1% of the jobs fail once and are retried, which a Faktory does 15 to 49 s later',
    settings: { jobs: 20_000, patienceMs: 120_000 },
    kinds: [kind('noop', { failShare: 0.01, retry: 5 })],
  },
  {
    name: 'delayed',
    about: 'jobs for 1 to 10 s later, and how long after their time they run (fire lag): a Faktory looks every 5 s',
    settings: { rate: 500, durationMs: 10_000 },
    kinds: [kind('noop', { delay: { kind: 'uniform', from: 1000, to: 10_000 } })],
  },
  {
    name: 'many-queues',
    about: 'the same jobs over 50 queues',
    settings: { jobs: 100_000 },
    kinds: [kind('noop', { queues: 50 })],
  },
  {
    name: 'faktory-load',
    about:
      "Faktory's own load test: 30,000 jobs over 5 queues, 5 at a time, 1% fail (without a retry, so that nothing stays behind)",
    settings: { jobs: 30_000, concurrency: 5, via: 'direct' },
    kinds: [kind('noop', { queues: 5, failShare: 0.01 })],
  },
  {
    name: 'celery-asynctasq',
    about: 'the comparison of Celery and AsyncTasQ: 20,000 jobs that do nothing, queued first, then 10 at a time',
    settings: { jobs: 20_000, drain: true, concurrency: 10 },
    kinds: [kind('noop')],
    keyTable: celeryTable,
  },
  {
    name: 'turbine',
    about: "Turbine's key metrics, target beside result: one multiplication a job at 2,000 jobs/s",
    settings: { rate: 2000, durationMs: 10_000 },
    kinds: [kind('multiply')],
    keyTable: turbineTable,
  },
];

/** null: there is none of that name. */
export function readyScenario(name: string): Scenario | null {
  return readyScenarios.find((scenario) => scenario.name === name) ?? null;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import type { ProcessReport } from '../src/messages.ts';
import { Departed, metricsText } from '../src/metrics.ts';

function report(completed: number, serviceUs: number[], connected = true): ProcessReport {
  const service = new Histogram();
  for (const us of serviceUs) service.record(us);
  return {
    type: 'report',
    status: {
      type: 'worker',
      sentAtUs: 0,
      state: 'running',
      connected,
      slots: { total: 100, running: 7 },
      connections: 8,
      totals: { fetched: completed + 7, completed, failed: 1 },
      usage: { cpuUs: 1_500_000, rssBytes: 50_000_000, loopDelayP99Us: null },
    },
    heapShare: 0.5,
    phases: { service: service.toJSON() },
  };
}

async function samples(reports: ProcessReport[], departed = new Departed()): Promise<Map<string, number>> {
  const { text, contentType } = await metricsText({ reports, departed, processes: 2, restarts: 1, capCores: 1.5 });
  assert.match(contentType, /^text\/plain/);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

test('the processes of a worker are added up', async () => {
  const found = await samples([report(1000, [50, 900]), report(500, [2000], false)]);
  const of = (name: string) => found.get(`jobstorm_worker_${name}`);
  assert.equal(of('jobs_completed_total'), 1500);
  assert.equal(of('jobs_fetched_total'), 1514);
  assert.equal(of('jobs_failed_total'), 2);
  assert.equal(of('slots'), 200);
  assert.equal(of('slots_running'), 14);
  assert.equal(of('processes_connected'), 1);
  assert.equal(of('cpu_seconds_total'), 3);
  assert.equal(of('cap_cores'), 1.5);
  assert.equal(of('restarts_total'), 1);
  assert.equal(of('phase_seconds_count{phase="service"}'), 3);
  assert.equal(of('phase_seconds_bucket{phase="service",le="0.0001"}'), 1);
  assert.equal(of('phase_seconds_bucket{phase="service",le="0.001"}'), 2);
  assert.equal(of('phase_seconds_bucket{phase="service",le="0.0025"}'), 3);
  assert.equal(of('phase_seconds_bucket{phase="service",le="+Inf"}'), 3);
  assert.equal(of('phase_seconds_sum{phase="service"}'), 0.00295);
});

test('what processes did that have gone stays in the counters, not in the gauges', async () => {
  const departed = new Departed();
  departed.add(report(10, [50]));
  departed.add({ ...report(20, []), phases: null });
  const found = await samples([report(100, [60])], departed);
  assert.equal(found.get('jobstorm_worker_jobs_completed_total'), 130);
  assert.equal(found.get('jobstorm_worker_slots'), 100);
  assert.equal(found.get('jobstorm_worker_phase_seconds_count{phase="service"}'), 2);
});

test('the control group is told once, not once for each process', async () => {
  const cgroup = {
    ...{ quotaCores: 1.1, cpuUs: 5e6, periods: 100, throttledPeriods: 40, throttledUs: 90_000 },
    ...{ memoryBytes: 1000, memoryLimitBytes: 4000 },
  };
  const told = report(1, []);
  const found = await samples([told, { ...told, status: { ...told.status, cgroup } }, told]);
  assert.equal(found.get('jobstorm_worker_cgroup_throttled_periods_total'), 40);
  assert.equal(found.get('jobstorm_worker_cgroup_throttled_seconds_total'), 0.09);
  assert.equal(found.get('jobstorm_worker_cgroup_memory_limit_bytes'), 4000);
});

test('before any process has told anything there are counters at 0', async () => {
  const found = await samples([]);
  assert.equal(found.get('jobstorm_worker_jobs_completed_total'), 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerView } from '@jobstorm/dashboard';
import { Histogram } from '@jobstorm/telemetry';
import type { ChildPart } from '../src/child-part.ts';
import type { Cluster } from '../src/cluster.ts';
import { apiPhasesBetween, capOf, partsMeasured, type Readings } from '../src/usage-readings.ts';

const worker = (id: string, group: string, capCores: number | null) =>
  ({ id, hello: { group, capCores } }) as unknown as WorkerView;
const usage = (cpuUs: number) => ({ cpuUs, rssBytes: 1000, loopDelayP99Us: null });
const at = (cpuUs: number, atUs: number) => ({ usage: usage(cpuUs), atUs });
const child = {} as ChildPart;

function readings(changes: Partial<Readings>): Readings {
  return {
    generator: at(0, 0),
    server: undefined,
    api: undefined,
    apiPhases: {},
    supervisor: undefined,
    workers: new Map(),
    ...changes,
  };
}

test('the cap of a worker counts once, however many processes it has', () => {
  assert.equal(capOf([worker('1', 'a', 8), worker('2', 'a', 8), worker('3', 'b', 2)]), 10);
  assert.equal(capOf([worker('1', 'a', 8), worker('2', 'b', null)]), null);
  assert.equal(capOf([]), null);
});

test('workers add up with their supervisor; one that came or went in between does not count', () => {
  const view = worker('1', 'a', 2);
  const before = readings({
    supervisor: at(0, 0),
    workers: new Map([
      ['1', { view, ...at(0, 0) }],
      ['gone', { view, ...at(0, 0) }],
    ]),
  });
  const after = readings({
    generator: at(500_000, 1_000_000),
    supervisor: at(100_000, 1_000_000),
    workers: new Map([
      ['1', { view, ...at(900_000, 1_000_000) }],
      ['new', { view, ...at(5, 1_000_000) }],
    ]),
  });
  const cluster = { server: null, api: child, apiUrl: 'http://api' } as unknown as Cluster;
  const parts = partsMeasured(cluster, before, after, 'tcp://far:7419');
  assert.deepEqual(parts.workers.usage, { coreSeconds: 1, usedCores: 1, rssBytes: 2000 });
  assert.equal(parts.workers.capCores, 2);
  assert.equal(parts.generator.usage?.usedCores, 0.5);
  assert.equal(parts.server.usage, null);
  assert.match(parts.server.reason!, /tcp:\/\/far:7419 was not started by this run/);
});

test('an api-service that served others before counts only what came since', () => {
  const whole = new Histogram();
  for (const value of [10, 10, 500]) whole.record(value);
  const earlier = new Histogram();
  for (const value of [10, 10]) earlier.record(value);
  const before = readings({ apiPhases: { batchWait: earlier.toJSON() } });
  const after = readings({ apiPhases: { batchWait: whole.toJSON(), push: whole.toJSON() } });
  const phases = apiPhasesBetween(before, after);
  assert.deepEqual([phases.batchWait?.count, phases.batchWait?.percentile(50), phases.push?.count], [1, 500, 3]);
  assert.deepEqual(apiPhasesBetween(before, readings({})), {});
});

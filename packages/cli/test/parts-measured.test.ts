import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerUse } from '@jobstorm/loadtest';
import type { ChildPart } from '../src/child-part.ts';
import type { Cluster } from '../src/cluster.ts';
import { type ContainersMeasured, capOf, partsMeasured, workersThrottled } from '../src/parts-measured.ts';
import { faktory, someHost, someReadings, someWorker, usageAt } from './measured.ts';

const child = {} as ChildPart;
const named = { server: null, api: child, apiUrl: 'http://api' } as unknown as Cluster;
const noContainers: ContainersMeasured = { hosts: [], server: null, whyNoServer: 'nobody watches it', api: null };

test('the cap of a worker counts once, however many processes it has', () => {
  const worker = (id: string, group: string, capCores: number | null) => someWorker({ id, group, capCores });
  assert.equal(capOf([worker('1', 'a', 8), worker('2', 'a', 8), worker('3', 'b', 2)]), 10);
  assert.equal(capOf([worker('1', 'a', 8), worker('2', 'b', null)]), null);
  assert.equal(capOf([]), null);
});

test('the quota of its container caps a worker that thinks it has more', () => {
  assert.equal(capOf([someWorker({ id: '1', group: 'a', capCores: 8, cgroup: { quotaCores: 2 } })]), 2);
  assert.equal(capOf([someWorker({ id: '1', group: 'a', capCores: null, cgroup: { quotaCores: 2 } })]), 2);
  assert.equal(capOf([someWorker({ id: '1', group: 'a', capCores: 1, cgroup: { quotaCores: 2 } })]), 1);
});

test('workers add up with their supervisor; one that came or went in between does not count', () => {
  const view = someWorker({ id: '1', group: 'a', capCores: 2 });
  const before = someReadings({
    supervisor: usageAt(0, 0),
    workers: new Map([
      ['1', { view, ...usageAt(0, 0) }],
      ['gone', { view, ...usageAt(0, 0) }],
    ]),
  });
  const after = someReadings({
    generator: usageAt(500_000, 1_000_000),
    supervisor: usageAt(100_000, 1_000_000),
    workers: new Map([
      ['1', { view, ...usageAt(900_000, 1_000_000) }],
      ['new', { view, ...usageAt(5, 1_000_000) }],
    ]),
  });
  const parts = partsMeasured(named, before, after, noContainers, 'tcp://far:7419');
  assert.deepEqual(parts.workers.usage, { coreSeconds: 1, usedCores: 1, rssBytes: 2000 });
  assert.equal(parts.workers.capCores, 2);
  assert.equal(parts.generator.usage?.usedCores, 0.5);
  assert.equal(parts.server.usage, null);
  assert.equal(
    parts.server.reason,
    'tcp://far:7419 was not started by this run, and nothing here can see its CPU: nobody watches it',
  );
});

/** Two readings of workers, each with its periods and throttled periods: [before, after]. */
function workersOf(
  ...groups: { group: string; quota: number | null; periods: [number, number]; throttled: [number, number] }[]
) {
  return ([0, 1] as const).map((at) => {
    const views = groups.flatMap(({ group, quota, periods, throttled }) =>
      // Two processes in each, which tell of the same control group.
      ['a', 'b'].map((process) => {
        const cgroup = { quotaCores: quota, periods: periods[at], throttledPeriods: throttled[at] };
        return someWorker({ id: `${group}-${process}`, group, capCores: 2, cgroup });
      }),
    );
    return someReadings({ workers: new Map(views.map((view) => [view.id, { view, ...usageAt(0, at) }])) });
  }) as [ReturnType<typeof someReadings>, ReturnType<typeof someReadings>];
}

test('a quota on the generator itself is its cap, with how often it held it back', () => {
  const group = (periods: number, throttledPeriods: number) => ({
    ...{ quotaCores: 0.2, cpuUs: 0, periods, throttledPeriods, throttledUs: 0 },
    ...{ memoryBytes: null, memoryLimitBytes: null },
  });
  const before = someReadings({ generatorGroup: group(0, 0) });
  const after = someReadings({ generator: usageAt(200_000, 1_000_000), generatorGroup: group(10, 9) });
  const { generator } = partsMeasured(named, before, after, noContainers, 'tcp://far:7419');
  assert.deepEqual([generator.usage?.usedCores, generator.capCores, generator.throttledShare], [0.2, 0.2, 0.9]);
  const free = partsMeasured(named, someReadings({}), someReadings({}), noContainers, 'tcp://far:7419').generator;
  assert.deepEqual([free.capCores, 'throttledShare' in free], [1, false]);
});

test('throttling of workers is that of their control groups, each counted once', () => {
  const one = { group: 'one', quota: 2, periods: [100, 200], throttled: [10, 60] } as const;
  const two = { group: 'two', quota: 1, periods: [0, 300], throttled: [0, 10] } as const;
  const copy = (o: typeof one | typeof two) =>
    ({ ...o, periods: [...o.periods], throttled: [...o.throttled] }) as never;
  assert.deepEqual(workersThrottled(...workersOf(copy(one))), { throttledShare: 0.5 });
  assert.deepEqual(workersThrottled(...workersOf(copy(one), copy(two))), { throttledShare: 0.15 });
});

test('throttling that only some workers tell of, or none, is not known', () => {
  const quota = {
    group: 'one',
    quota: 2,
    periods: [100, 200] as [number, number],
    throttled: [10, 60] as [number, number],
  };
  const free = { ...quota, group: 'two', quota: null };
  assert.match(workersThrottled(...workersOf(quota, free)).whyNotThrottled!, /only 1 of 2 workers/);
  assert.match(workersThrottled(...workersOf(free)).whyNotThrottled!, /no worker has a CPU quota/);
  assert.match(workersThrottled(...workersOf({ ...quota, periods: [5, 5] })).whyNotThrottled!, /too short/);
});

test('a Faktory in a container that the control room sees is measured, as is the api-service beside it', () => {
  const host = someHost([...faktory].slice(1));
  const use = containerUse({ before: faktory[0], during: [...faktory], after: null }, 2)!;
  const server = { seen: { host, container: faktory[1] }, use };
  const api = { seen: { host, container: { ...faktory[1], service: 'api-service', capCores: 0.25 } }, use };
  const found = { ...named, api: null } as unknown as Cluster;
  const parts = partsMeasured(
    found,
    someReadings(),
    someReadings(),
    { hosts: [host], server, whyNoServer: '', api },
    'x',
  );
  assert.ok(Math.abs(parts.server.usage!.usedCores - 0.2877) < 0.0001, String(parts.server.usage?.usedCores));
  assert.equal(parts.server.capCores, 0.3);
  assert.equal(parts.server.throttledShare, 1);
  assert.equal(parts.server.hostCores, 2);
  assert.equal(parts.server.oneThread, false);
  assert.equal(parts.server.usage?.rssBytes, 18_280_448);
  assert.equal(parts.api.usage?.coreSeconds, 0.621796, 'it does not report itself');
  assert.deepEqual([parts.api.capCores, parts.api.throttledShare], [0.25, 1]);
});

test('a server without a limit has its host, and server-node one core of it', () => {
  const free = { ...faktory[1], capCores: null };
  const use = containerUse({ before: { ...faktory[0], capCores: null }, during: [], after: free }, 2)!;
  const capOfServer = (container: typeof free) => {
    const seen = { host: someHost([container]), container };
    const containers = { ...noContainers, server: { seen, use } };
    return partsMeasured(named, someReadings(), someReadings(), containers, 'x').server;
  };
  assert.equal(capOfServer(free).capCores, 2);
  const node = capOfServer({ ...free, service: 'server-node' });
  assert.deepEqual([node.capCores, node.oneThread], [1, true]);
});

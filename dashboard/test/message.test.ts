import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkHello, checkSnapshot, MessageError, parseMessage } from '../src/message.ts';
import { apiSnapshot, containerUsage, dockerSnapshot, helloOf, runOf, workerSnapshot } from './reports.ts';

/** A copy with the value at a path (`runs.0.pages.0.bits`) replaced. */
function altered(value: object, path: string, replacement: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(value));
  const keys = path.split('.');
  const last = keys.pop()!;
  const holder = keys.reduce((at, key) => at[key], copy);
  assert.ok(holder !== undefined, path);
  holder[last] = replacement;
  return copy;
}

describe('messages of parts', () => {
  const worker = runOf('r', [0, 1, 9000]).snapshot(true);
  const histogram = worker.runs[0]!.phases.service!;
  const api = apiSnapshot({ phases: { push: histogram } });

  it('are taken as they are sent', () => {
    assert.deepEqual(checkHello(parseMessage(JSON.stringify(helloOf('a')))), helloOf('a'));
    assert.deepEqual(checkSnapshot(parseMessage(JSON.stringify(worker)), 'worker'), worker);
    assert.deepEqual(checkSnapshot(parseMessage(JSON.stringify(api)), 'api'), api);
  });

  it('may hold more than is known here', () => {
    checkHello({ ...helloOf('a'), colour: 'red' });
    checkSnapshot({ ...worker, mood: 1 }, 'worker');
    const { unexpected: _, ...older } = worker.runs[0]!;
    checkSnapshot(workerSnapshot([older]), 'worker');
  });

  it('must be JSON', () => {
    for (const text of ['', '{', 'undefined', '{"a":1}x', `${'['.repeat(100_000)}`]) {
      assert.throws(() => parseMessage(text), MessageError, text.slice(0, 20));
    }
  });

  it('must have the right shape', () => {
    for (const value of [
      null,
      1,
      'hello',
      [],
      {},
      worker,
      { ...helloOf('a'), id: '' },
      { ...helloOf('a'), id: 'x'.repeat(201) },
      { ...helloOf('a'), part: 'cook' },
    ]) {
      assert.throws(() => checkHello(value), MessageError, JSON.stringify(value));
    }
    for (const value of [null, [], helloOf('a'), api])
      assert.throws(() => checkSnapshot(value, 'worker'), MessageError);
    assert.throws(() => checkSnapshot(worker, 'api'), MessageError);
  });

  it('must be believable in every field', () => {
    const wrong: [string, unknown][] = [
      ['sentAtUs', -1],
      ['state', 'tired'],
      ['connected', 1],
      ['slots.total', 1.5],
      ['totals.completed', '7'],
      ['usage.rssBytes', null],
      ['runs', {}],
      ['runs.0', null],
      ['runs.0.run', ''],
      ['runs.0.run', 5],
      ['runs.0.duplicated', -1],
      ['runs.0.completed', 2 ** 60],
      ['runs.0.phases.service.count', 99],
      ['runs.0.phases.service.buckets', [1, 2, 3]],
      ['runs.0.phases.service.buckets.0', 1e9],
      ['runs.0.phases.lunch', histogram],
      ['runs.0.series.bucketMs', 7],
      ['runs.0.series.counts', [-1]],
      ['runs.0.pages.0.page', -1],
      ['runs.0.pages.0.page', 2 ** 19],
      ['runs.0.pages.0.bits', 'AAAA'],
      ['runs.0.pages.0.bits', 5],
    ];
    for (const [path, value] of wrong) {
      assert.throws(() => checkSnapshot(altered(worker, path, value), 'worker'), MessageError, path);
    }
  });

  it('of workers may tell of their control group and job types, if they are believable', () => {
    const cgroup = {
      quotaCores: 2,
      cpuUs: 5,
      periods: 9,
      throttledPeriods: 1,
      throttledUs: 7,
      memoryBytes: null,
      memoryLimitBytes: null,
    };
    const more = { ...worker, held: 3, cgroup, jobTypes: [{ jobtype: 'add', failed: 0, service: histogram }] };
    assert.deepEqual(checkSnapshot(more, 'worker'), more);
    checkSnapshot({ ...worker, cgroup: null }, 'worker');
    for (const [path, value] of [
      ['held', -1],
      ['cgroup.quotaCores', '2'],
      ['cgroup.periods', null],
      ['jobTypes.0.jobtype', ''],
      ['jobTypes.0.service.count', 99],
    ] as const) {
      assert.throws(() => checkSnapshot(altered(more, path, value), 'worker'), MessageError, path);
    }
  });

  it('of docker-stats must be believable too', () => {
    const docker = dockerSnapshot([containerUsage()]);
    assert.deepEqual(checkHello(helloOf('d', 'docker')), helloOf('d', 'docker'));
    assert.deepEqual(checkSnapshot(parseMessage(JSON.stringify(docker)), 'docker'), docker);
    assert.throws(() => checkSnapshot(docker, 'api'), MessageError);
    const wrong: [string, unknown][] = [
      ['unavailable', 5],
      ['unavailable', 'x'.repeat(1001)],
      ['hostCores', -1],
      ['containers', null],
      ['containers', Array.from({ length: 1001 }, () => containerUsage())],
      ['containers.0.id', ''],
      ['containers.0.name', 'x'.repeat(301)],
      ['containers.0.service', null],
      ['containers.0.cpuUs', '7'],
      ['containers.0.capCores', -1],
      ['containers.0.memoryLimitBytes', 'none'],
    ];
    for (const [path, value] of wrong) {
      assert.throws(() => checkSnapshot(altered(docker, path, value), 'docker'), MessageError, path);
    }
  });

  it('can bring no key that objects have by themselves', () => {
    const text = JSON.stringify(worker).replace('"phases":{', `"phases":{"__proto__":${JSON.stringify(histogram)},`);
    assert.throws(() => checkSnapshot(parseMessage(text), 'worker'), MessageError);
  });

  it('are refused with what is wrong and where', () => {
    assert.throws(() => checkSnapshot(altered(worker, 'slots.total', -1), 'worker'), /worker snapshot\/slots\/total: /);
  });
});

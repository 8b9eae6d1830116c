import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingChanges } from '../src/setting-changes.ts';
import type { WorkerReading } from '../src/usage-readings.ts';

const process = (group: string, total: number) =>
  ({ view: { hello: { group, host: 'here' }, state: { slots: { total, running: 0 } } } }) as unknown as WorkerReading;

function told(workers: Record<string, WorkerReading>, apiSettings: Record<string, unknown> | null = null) {
  return { workers: new Map(Object.entries(workers)), apiHost: 'there', apiSettings };
}

test("a worker's slots, over its processes", () => {
  const before = told({ a: process('w', 100), b: process('w', 100), c: process('other', 7) });
  const after = told({ a: process('w', 150), b: process('w', 150), c: process('other', 7) });
  assert.deepEqual(settingChanges(before, after), ['worker on here: 200 → 300 slots']);
  assert.deepEqual(settingChanges(after, after), []);
});

test('not of a worker whose processes came or went', () => {
  const [one, two] = [told({ a: process('w', 100) }), told({ a: process('w', 50), b: process('w', 100) })];
  assert.deepEqual(settingChanges(one, two), []);
  assert.deepEqual(settingChanges(told({}), one), []);
});

test("a worker's other settings, from what they were where that is known, once and not for each process", () => {
  const of = (queues: string[], rateLimit: string[] = []) => ({ slots: 200, queues, rateLimit });
  const workers = (...settings: (object | null)[]) =>
    told(
      Object.fromEntries(
        settings.map((each, at) => {
          const { view } = process('w', 100);
          return [String(at), { view: { ...view, settings: each } } as unknown as WorkerReading];
        }),
      ),
    );
  const [before, after] = [workers(of(['a']), of(['a'])), workers(of(['a:2', 'b:1'], ['a=5']), of(['a']))];
  assert.deepEqual(settingChanges(before, after), [
    'worker on here: queues a → a:2,b:1',
    'worker on here: rate limit none → a=5',
  ]);
  assert.deepEqual(settingChanges(after, workers(of(['a:2', 'b:1'], ['a=5']), of(['a:2', 'b:1'], ['a=5']))), []);
  assert.deepEqual(settingChanges(workers(null, null), before), []);
});

test('batches of the api-service, from what they were where that is known', () => {
  const [a, b] = [
    { batchMaxSize: 100, batchAuto: true },
    { batchMaxSize: 200, batchAuto: true, queue: 'x' },
  ];
  assert.deepEqual(settingChanges(told({}, a), told({}, b)), ['api-service on there: BATCH_MAX_SIZE 100 → 200']);
  assert.deepEqual(settingChanges(told({}), told({}, { batchMaxSize: 9 })), ['api-service on there: BATCH_MAX_SIZE 9']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureIsFinal, makePlan, newRunId } from '../src/plan.ts';
import { aPlan } from './fixtures.ts';

test('jobs that only fail with their worker get a retry, those that may fail by themselves none', () => {
  const planFor = (jobtype: string) => {
    const { retry: _, reserveFor: __, ...rest } = aPlan({ shape: { ...aPlan().shape, jobtype } });
    return makePlan(rest);
  };
  for (const jobtype of ['add', 'divide', 'noop', 'sleep', 'spin', 'payload'])
    assert.equal(planFor(jobtype).retry, 1, jobtype);
  for (const jobtype of ['flaky', 'my.own']) assert.equal(planFor(jobtype).retry, 0, jobtype);
  assert.equal(planFor('add').reserveFor, 60);
  assert.equal(failureIsFinal(planFor('flaky')), true);
  assert.equal(failureIsFinal(planFor('add')), false);
});

test('run ids differ by time and by chance, and are safe in a path', () => {
  const ids = [
    newRunId(1000, () => 0),
    newRunId(1001, () => 0),
    newRunId(1000, () => 0.5),
    newRunId(1000, () => 0.999999),
  ];
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^r[0-9a-z]{5,}$/);
});

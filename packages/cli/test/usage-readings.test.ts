import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import { apiPhasesBetween, joinedBetween } from '../src/usage-readings.ts';
import { someReadings as readings } from './measured.ts';

test('an api-service that served others before counts only what came since', () => {
  const whole = new Histogram();
  for (const value of [10, 10, 500]) whole.record(value);
  const earlier = new Histogram();
  for (const value of [10, 10]) earlier.record(value);
  const before = readings({ apiPhases: { accept: earlier.toJSON(), batchWait: earlier.toJSON() } });
  const after = readings({
    apiPhases: { accept: whole.toJSON(), batchWait: whole.toJSON(), push: whole.toJSON() },
  });
  const phases = apiPhasesBetween(before, after);
  assert.deepEqual([phases.batchWait?.count, phases.batchWait?.percentile(50), phases.push?.count], [1, 500, 3]);
  assert.deepEqual([phases.accept?.count, phases.accept?.percentile(50)], [1, 500]);
  assert.deepEqual(apiPhasesBetween(before, readings({})), {});
});

test('what an api-service joined is told of the run alone', () => {
  const pushes = (count: number) => {
    const push = new Histogram();
    for (let i = 0; i < count; i++) push.record(5);
    return { push: push.toJSON() };
  };
  const before = readings({ apiPushes: 4, apiPhases: pushes(10) });
  const after = readings({ apiPushes: 7, apiPhases: pushes(210) });
  assert.deepEqual(joinedBetween(before, after), { jobs: 200, pushes: 3 });
  assert.equal(joinedBetween(before, readings({})), null);
  assert.equal(joinedBetween(after, { ...before, apiPhases: pushes(5) }), null, 'it began anew');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import { apiPhasesBetween } from '../src/usage-readings.ts';
import { someReadings as readings } from './measured.ts';

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

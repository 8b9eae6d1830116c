import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../src/verdict.ts';
import { basisOf, measurementsFrom } from '../src/verdict-basis.ts';
import { someMeasurements } from './fixtures.ts';

test('what a result keeps of the figures gives the same verdict again', () => {
  const share = { usedCores: null, capCores: null };
  const { cpu } = someMeasurements();
  for (const changes of [
    {},
    { depth: null },
    { slotsBusyShare: 0.97 },
    { ratePerS: 10_000 },
    { cpu: { ...cpu, server: share } },
  ]) {
    const measured = someMeasurements(changes);
    const basis = JSON.parse(JSON.stringify(basisOf(measured)));
    assert.doesNotMatch(JSON.stringify(basis), /null/, 'what was not measured is left out');
    const { advice: _, ...again } = judge(measurementsFrom(basis));
    const { advice: __, ...before } = judge(measured);
    assert.deepEqual(again, before);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumUsage, usageBetween } from '../src/part-usage.ts';

const reading = (cpuUs: number, atUs: number, rssBytes = 100) => ({
  usage: { cpuUs, rssBytes, loopDelayP99Us: null },
  atUs,
});

test('CPU between two readings, memory at its greater', () => {
  assert.deepEqual(usageBetween(reading(1_000_000, 0, 300), reading(2_500_000, 3_000_000, 200)), {
    coreSeconds: 1.5,
    usedCores: 0.5,
    rssBytes: 300,
  });
});

test('a missing reading, or no time between them, is no measurement', () => {
  assert.equal(usageBetween(undefined, reading(1, 1)), null);
  assert.equal(usageBetween(reading(1, 1), undefined), null);
  assert.equal(usageBetween(reading(1, 5), reading(2, 5)), null);
});

test('processes add up', () => {
  const one = { coreSeconds: 1, usedCores: 0.5, rssBytes: 10 };
  assert.deepEqual(sumUsage([one, one]), { coreSeconds: 2, usedCores: 1, rssBytes: 20 });
  assert.equal(sumUsage([]), null);
});

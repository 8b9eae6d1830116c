import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerUsage } from '@jobstorm/telemetry';
import { containerUse } from '../src/container-use.ts';

function reading(atS: number, cpuS: number, changes: Partial<ContainerUsage> = {}): ContainerUsage {
  return {
    id: 'f',
    name: 'faktory',
    project: 'p',
    service: 'faktory',
    image: 'contribsys/faktory:1.10.0',
    state: 'running',
    readAtMs: 1_700_000_000_000 + atS * 1000,
    cpuUs: cpuS * 1e6,
    capCores: 2,
    periods: atS * 10,
    throttledPeriods: 0,
    throttledUs: 0,
    memoryBytes: 100 + atS,
    memoryLimitBytes: null,
    networkRxBytes: 0,
    networkTxBytes: 0,
    blockReadBytes: 0,
    blockWriteBytes: 0,
    ...changes,
  };
}

test('a long run: CPU time of all of it, rates of the readings within', () => {
  const use = containerUse(
    {
      before: reading(0, 5),
      during: [
        reading(2, 6.5, { throttledPeriods: 3 }),
        reading(3, 8, { throttledPeriods: 5 }),
        reading(6, 12.5, { throttledPeriods: 13 }),
      ],
      after: reading(8, 14, { throttledPeriods: 13 }),
    },
    5.5,
  );
  assert.deepEqual(use?.usage, { coreSeconds: 9, usedCores: 1.5, rssBytes: 108 });
  assert.equal(use?.throttledShare, 0.25);
});

test('a run that ended between two readings: what was used, over its own length', () => {
  const use = containerUse({ before: reading(0, 5), during: [], after: reading(2, 5.6) }, 0.5);
  assert.deepEqual(
    [use?.usage.coreSeconds, use?.usage.usedCores],
    [0.6, 1.2].map((n) => n + 0),
  );
  const full = containerUse({ before: reading(0, 5), during: [reading(1, 7)], after: reading(2, 7) }, 0.5);
  assert.equal(full?.usage.usedCores, 2, 'never above its cap');
});

test('one reading is none, and neither are those over a start of the container', () => {
  const one = reading(0, 5);
  assert.equal(containerUse({ before: one, during: [], after: null }, 1), null);
  assert.equal(containerUse({ before: one, during: [reading(1, 0.1)], after: reading(2, 7) }, 1), null);
  assert.equal(containerUse({ before: one, during: [reading(1, 6)], after: null }, 0), null);
});

test('without a quota no periods go by, and nothing is said of throttling', () => {
  const free = { periods: 0, capCores: null };
  const use = containerUse({ before: reading(0, 5, free), during: [], after: reading(2, 6, free) }, 1);
  assert.equal(use?.throttledShare, null);
  assert.equal(use?.usage.usedCores, 1);
});

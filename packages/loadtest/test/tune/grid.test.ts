import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gridOf } from '../../src/tune/grid.ts';
import type { SearchOptions } from '../../src/tune/search.ts';
import { settingKey } from '../../src/tune/setting.ts';
import { nextStep, type Trial } from '../../src/tune/tuner.ts';
import { cpuBound, simulate, trueRate } from './simulated.ts';

const bounds = { ...cpuBound.bounds, batchSize: [100, 100], batchDelayMs: [100, 100] } as const;
const start = { slots: 500, cpus: 8, processes: 8, batchSize: 100, batchDelayMs: 100 };

test('a grid has both ends of each dimension, each setting once, and always the same order', () => {
  const settings = gridOf(bounds, 2);
  assert.equal(settings.length, 13 * 4, 'six doublings in two steps each, and 1, 2, 4, 8 CPUs');
  assert.equal(new Set(settings.map(settingKey)).size, settings.length);
  assert.ok(settings.some(({ slots, cpus }) => slots === 250 && cpus === 1));
  assert.ok(settings.some(({ slots, cpus }) => slots === 16_000 && cpus === 8));
  assert.ok(settings.every(({ cpus, processes }) => cpus === processes));
  assert.deepEqual(gridOf(bounds, 2), settings);
  assert.deepEqual(
    gridOf({ ...bounds, slots: [100, 150], cpus: [3, 3] }, 1)
      .map(({ slots }) => slots)
      .toSorted((a, b) => a - b),
    [100, 150],
    'the most is in it, doubling or not',
  );
});

test('without a search every setting is measured, the best ones again, and the best of these verified', () => {
  const options: SearchOptions = { goal: { kind: 'rate' }, bounds, start, mostTrials: 4, gridSteps: 1 };
  const measure = simulate(cpuBound, 5);
  const history: Trial[] = [];
  for (;;) {
    const step = nextStep(options, history);
    if ('found' in step) {
      const { winner, verified, stopped } = step.found;
      const best = Math.max(...gridOf(bounds, 1).map((setting) => trueRate(cpuBound, setting)));
      assert.ok(trueRate(cpuBound, winner) > 0.9 * best);
      assert.equal(verified.length, 2);
      assert.equal(stopped, 'all 28 settings of the grid were measured');
      break;
    }
    assert.equal(step.ask.lostBelow, 0, 'a grid is for who doubts a judgement');
    history.push({ ...step.ask, measured: measure(step.ask.setting) });
  }
  const at = (stage: string) => history.filter((trial) => trial.stage === stage);
  assert.equal(at('grid').length, 28);
  const again = new Set(at('settle').map(({ setting }) => settingKey(setting)));
  assert.ok(again.size >= 2 && at('settle').length <= 12, `${again.size} settings in ${at('settle').length} trials`);
  assert.equal(history.length, 28 + at('settle').length + 2);
});

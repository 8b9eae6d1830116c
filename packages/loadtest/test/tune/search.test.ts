// The search against systems whose best setting is known, with noise as machines have it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Goal } from '../../src/tune/goal.ts';
import { gridOf } from '../../src/tune/grid.ts';
import type { Ask, SearchOptions } from '../../src/tune/search.ts';
import { dimensions, type Setting } from '../../src/tune/setting.ts';
import { nextStep, type Trial } from '../../src/tune/tuner.ts';
import { grid, type SimulatedSystem, serverBound, simulate, systems, trueRate } from './simulated.ts';

const start: Setting = { slots: 500, cpus: 4, processes: 4, batchSize: 100, batchDelayMs: 100 };

function options(system: SimulatedSystem, goal: Goal = { kind: 'rate' }, mostTrials = 40): SearchOptions {
  return { goal, bounds: system.bounds, start, mostTrials };
}

/** Runs it to the end, a step at a time from the history alone, as a program that was interrupted between any two trials does. */
function tune(system: SimulatedSystem, seed: number, o: SearchOptions, onAsk: (ask: Ask) => void = () => {}) {
  const measure = simulate(system, seed);
  const history: Trial[] = [];
  for (;;) {
    const step = nextStep(o, history);
    if ('found' in step) return { ...step.found, history };
    onAsk(step.ask);
    history.push({ ...step.ask, measured: measure(step.ask.setting) });
  }
}

const seeds = 100;
const fixed = [100, 100] as const;

/** The same with batches held. */
function withoutBatches(system: SimulatedSystem, cpus: readonly [number, number]): SimulatedSystem {
  return { ...system, bounds: { ...system.bounds, cpus, processes: cpus, batchSize: fixed, batchDelayMs: fixed } };
}

for (const system of systems) {
  const [wide, narrow] = [withoutBatches(system, [1, 8]), withoutBatches(system, [1, 2])];
  const grids = [
    { name: 'all dimensions in doublings', system, all: grid(system), trials: 40 },
    // As fine and as small as the ones that `just bench tune` measures on real systems: here a quarter of them is few.
    { name: 'slots in quarters of a doubling, 1 to 8 CPUs', system: wide, all: gridOf(wide.bounds, 4), trials: 25 },
    { name: 'slots in quarters of a doubling, 1 or 2 CPUs', system: narrow, all: gridOf(narrow.bounds, 4), trials: 12 },
  ];
  for (const { name, system: own, all, trials } of grids) {
    test(`${system.name}, ${name}: within 5% of the best of ${all.length} with a quarter of its trials at most, on ${seeds} seeds`, () => {
      const best = Math.max(...all.map((setting) => trueRate(own, setting)));
      const cpus = own.bounds.cpus[1] / (own === system ? 2 : 1);
      const o = { ...options(own, { kind: 'rate' }, trials), start: { ...start, cpus, processes: cpus } };
      for (let seed = 1; seed <= seeds; seed++) {
        const { winner, book, history } = tune(own, seed, o);
        const share = trueRate(own, winner) / best;
        const chosen = `seed ${seed}: ${JSON.stringify(winner)}`;
        assert.ok(share >= 0.95, `${chosen} gives ${(share * 100).toFixed(1)}% of the best`);
        assert.ok(history.length <= all.length / 4, `${chosen} after ${history.length} trials`);
        assert.equal(book.mean(winner)!.bottleneck, own.bottleneck, chosen);
        assert.deepEqual(
          history.slice(-2).map(({ stage }) => stage),
          ['verify', 'verify'],
          chosen,
        );
      }
    });
  }
}

test('the noise of the simulated systems is as machines have it: repeats differ by 3% or so, and some are 15% off', () => {
  const errors: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const measure = simulate(serverBound, seed);
    for (let trial = 0; trial < 20; trial++)
      errors.push(Math.log(measure(start).ratePerS / trueRate(serverBound, start)));
  }
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  assert.ok(deviation > 0.03 && deviation < 0.06, `${deviation}`);
  assert.ok(errors.filter((error) => error < -0.12).length > errors.length / 50);
});

describe('whatever the noise', () => {
  test('trials stay inside the bounds and their number', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const o = options(serverBound, { kind: 'rate' }, 18);
      const { history } = tune(serverBound, seed, o, ({ setting }) => {
        for (const dimension of dimensions) {
          const [least, most] = serverBound.bounds[dimension];
          assert.ok(setting[dimension] >= least && setting[dimension] <= most, `${dimension} ${setting[dimension]}`);
        }
      });
      assert.ok(history.length <= 18);
      assert.equal(history.at(-1)!.stage, 'verify', 'trials are kept for verifying the winner');
    }
  });

  test('a dimension whose bounds are one value is never moved', () => {
    const fixed = { ...serverBound, bounds: { ...serverBound.bounds, cpus: [2, 2], batchSize: [100, 100] } as const };
    const { history } = tune(fixed, 7, options(fixed));
    assert.ok(history.every(({ setting }) => setting.cpus === 2 && setting.batchSize === 100));
  });
});

test('what was measured is not asked for again: a history cut anywhere goes on in the same way', () => {
  const o = options(serverBound);
  const { history, winner } = tune(serverBound, 3, o);
  for (let cut = 0; cut < history.length; cut++) {
    const step = nextStep(o, history.slice(0, cut));
    assert.ok('ask' in step);
    assert.deepEqual(step.ask.setting, history[cut]!.setting);
  }
  const end = nextStep(o, history);
  assert.ok('found' in end);
  assert.deepEqual(end.found.winner, winner);
});

test('under a limit on p99 the winner keeps it', () => {
  // Of this system p99 is some 0.3 of the delay, and 250 times slots / rate, in ms.
  const goal: Goal = { kind: 'p99', limitUs: 45_000 };
  for (let seed = 1; seed <= 30; seed++) {
    const { winner, book } = tune(serverBound, seed, options(serverBound, goal));
    assert.ok(book.mean(winner)!.p99Us! < goal.limitUs, `seed ${seed}: ${JSON.stringify(winner)}`);
    assert.ok(book.mean(winner)!.ratePerS > 15_000, `seed ${seed}: ${JSON.stringify(book.mean(winner))}`);
  }
});

test('for the rate a core it does not take the CPUs that the highest rate would', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { winner } = tune(serverBound, seed, options(serverBound, { kind: 'rate-per-core' }));
    assert.ok(winner.cpus <= 4, `seed ${seed}: ${JSON.stringify(winner)}`);
  }
});

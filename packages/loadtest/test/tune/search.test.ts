// The search against systems whose best setting is known, with noise as machines have it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Goal } from '../../src/tune/goal.ts';
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

for (const system of systems) {
  test(`${system.name}: within 5% of the best of the grid, with a quarter of its trials at most, on ${seeds} seeds`, () => {
    const all = grid(system);
    const best = Math.max(...all.map((setting) => trueRate(system, setting)));
    const o = options(system);
    for (let seed = 1; seed <= seeds; seed++) {
      const { winner, book, history } = tune(system, seed, o);
      const share = trueRate(system, winner) / best;
      assert.ok(
        share >= 0.95,
        `seed ${seed}: ${JSON.stringify(winner)} gives ${(share * 100).toFixed(1)}% of the best`,
      );
      assert.ok(history.length <= all.length / 4, `seed ${seed}: ${history.length} trials`);
      assert.equal(book.mean(winner)!.bottleneck, system.bottleneck, `seed ${seed}`);
    }
  });
}

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

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sample } from '../src/run-model.ts';
import { Thinning, thinned } from '../src/thin.ts';

const all = [0, Number.POSITIVE_INFINITY] as const;

function sample(at: number, changes: Partial<Sample> = {}): Sample {
  return {
    atS: (at + 1) / 2,
    lengthS: 0.5,
    counts: { completed: 10, failed: at % 2 },
    latencyUs: { p50: 100, p95: 200, p99: 300 + at, max: 400 },
    queueDepth: at,
    oldestJobS: at / 2,
    network: { inPerS: at * 100, outPerS: 8 },
    slots: { total: 7, running: at },
    parts: { workers: { usedCores: at % 4, capCores: 2, throttledShare: at === 3 ? 0.5 : 0 }, api: null },
    ...changes,
  };
}

const run = (count: number) => Array.from({ length: count }, (_, at) => sample(at));

describe('samples for a plot', () => {
  it('are all of them where there are few', () => {
    assert.deepEqual(thinned(run(100), 100, all), run(100));
  });

  it('are joined where there are many: counts add up, and the worst of what hurts is kept', () => {
    const samples = thinned(run(4), 1, all);
    assert.deepEqual(samples, [
      {
        atS: 2,
        lengthS: 2,
        counts: { completed: 40, failed: 2 },
        latencyUs: { p50: 100, p95: 200, p99: 303, max: 400 },
        queueDepth: 3,
        oldestJobS: 1.5,
        network: { inPerS: 150, outPerS: 8 },
        slots: { total: 7, running: 3 },
        parts: { workers: { usedCores: 1.5, capCores: 2, throttledShare: 0.5 }, api: null },
      },
    ]);
    const long = thinned(run(7200), 800, all);
    assert.ok(long.length <= 800);
    assert.equal(
      long.reduce((sum, { counts }) => sum + counts.completed!, 0),
      72_000,
    );
    assert.equal(long.at(-1)!.atS, 3600);
  });

  it('stay what they were while the run goes on', () => {
    const [before, after] = [thinned(run(1000), 800, all), thinned(run(1003), 800, all)];
    assert.deepEqual(after.slice(0, before.length), before);
  });

  it('are the same when a run is thinned again and again as it grows', () => {
    const [thinning, samples] = [new Thinning(), run(500)];
    for (const count of [0, 1, 39, 40, 41, 80, 81, 83, 200, 321, 500]) {
      const grown = samples.slice(0, count);
      assert.deepEqual(thinning.of(grown, 40), thinned(grown, 40, all), `${count} samples`);
    }
  });

  it('are all there where somebody looks closely, with the ends of the run', () => {
    const close = thinned(run(7200), 800, [100, 200]);
    assert.deepEqual([close[0]!.atS, close.at(-1)!.atS], [0.5, 3600]);
    assert.equal(close.length, 203);
  });

  it('have nothing where nothing was measured', () => {
    const silent = { latencyUs: null, queueDepth: null, slots: null };
    const [joined] = thinned([sample(0, silent), sample(1, silent)], 1, all);
    assert.deepEqual([joined!.latencyUs, joined!.queueDepth, joined!.slots], [null, null, null]);
    assert.deepEqual(thinned([], 1, all), []);
  });
});

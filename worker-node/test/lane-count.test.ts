import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LaneBounds, LaneCount } from '../src/lane-count.ts';

function makeCount(bounds: LaneBounds = { cold: 2, usual: 8, max: 30 }) {
  const count = new LaneCount(bounds);
  const clock = { ms: 1000, jobs: 0 };
  /** For so long a turn each millisecond, with jobs at a rate that may depend on the lanes. */
  const run = (ms: number, perMs: (lanes: number) => number, starved = true, roundTripMs = 0, backlogged = false) => {
    const seen = new Set<number>();
    for (let i = 0; i < ms; i++) {
      clock.ms++;
      clock.jobs += perMs(count.wanted);
      count.turn({ nowMs: clock.ms, jobs: Math.floor(clock.jobs), starved, backlogged, roundTripMs });
      seen.add(count.wanted);
      assert.ok(count.wanted >= bounds.cold && count.wanted <= bounds.max);
    }
    return [...seen];
  };
  return { count, clock, run };
}

test('it begins cold, and jobs now and then leave it so', () => {
  const { count, run } = makeCount();
  run(2000, () => 0.02);
  assert.equal(count.wanted, 2);
});

test('jobs as fast as they are asked for open the usual lanes at once', () => {
  const { count, run } = makeCount();
  run(60, () => 5);
  assert.equal(count.wanted, 8);
});

test('jobs of a backlog open them too, however slowly they come, unless slots are scarce', () => {
  const { count, run } = makeCount();
  run(500, () => 0.02, false, 0, true);
  assert.equal(count.wanted, 2);
  run(60, () => 0.02, true, 0, true);
  assert.equal(count.wanted, 8);
});

test('where slots are what is scarce no lane is opened', () => {
  const { count, run } = makeCount();
  run(5000, () => 50, false);
  assert.equal(count.wanted, 2);
});

test('past the usual each step has to pay: with a gain in every lane it goes to the most there may be', () => {
  const { count, run } = makeCount();
  run(20_000, (lanes) => lanes * 5);
  assert.equal(count.wanted, 30);
});

test('a step that brings nothing is taken back, and not tried again for a while', () => {
  const { run } = makeCount();
  run(100, () => 50);
  assert.deepEqual(run(5000, () => 50).sort(), [12, 8]);
  assert.deepEqual(
    run(20_000, () => 50),
    [8],
  );
  assert.deepEqual(run(20_000, () => 50).sort(), [12, 8]);
});

test('a step that brings little may have been chance: it is taken back', () => {
  const { count, run } = makeCount();
  run(5000, (lanes) => (lanes > 8 ? 55 : 50));
  assert.equal(count.wanted, 8);
});

test('gains that end at some number of lanes end the growth there', () => {
  const { count, run } = makeCount();
  run(15_000, (lanes) => Math.min(lanes, 12) * 5);
  assert.equal(count.wanted, 12);
});

test('without a job for some seconds it is cold again, and as quick to warm up as before', () => {
  const { count, run } = makeCount();
  run(60, () => 5);
  run(4000, () => 0);
  assert.equal(count.wanted, 8);
  run(2000, () => 0);
  assert.equal(count.wanted, 2);
  run(60, () => 5);
  assert.equal(count.wanted, 8);
});

test('over a slow network it looks for longer before it decides', () => {
  const { count, run } = makeCount();
  run(100, () => 5, true, 100);
  assert.equal(count.wanted, 2);
  run(200, () => 5, true, 100);
  assert.equal(count.wanted, 8);
});

test('with few connections there is nothing to decide', () => {
  const { count, run } = makeCount({ cold: 1, usual: 1, max: 1 });
  run(5000, () => 50);
  assert.equal(count.wanted, 1);
});

test('other bounds hold at once', () => {
  const count = new LaneCount({ cold: 2, usual: 8, max: 30 });
  count.bounds = { cold: 1, usual: 1, max: 1 };
  assert.equal(count.wanted, 1);
  count.bounds = { cold: 2, usual: 8, max: 30 };
  assert.equal(count.wanted, 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import { burstPacer } from '../src/bursts.ts';
import { meanRateOf, pacerOf } from '../src/load-model.ts';
import { constantPacer, type Pacer } from '../src/pacer.ts';
import { type RampStage, rampJobs, rampMs, rampPacer } from '../src/ramp.ts';

const stage = fc.record({
  fromPerS: fc.integer({ min: 0, max: 30_000 }),
  toPerS: fc.integer({ min: 0, max: 30_000 }),
  overMs: fc.integer({ min: 1, max: 60_000 }),
});
const stages = fc.array(stage, { minLength: 1, maxLength: 5 }).filter((some) => rampJobs(some) >= 1);

/** The area under the line up to there, summed up in thin slices: another way to the same figure. */
function slowArea(all: readonly RampStage[], untilMs: number): number {
  let [area, startMs] = [0, 0];
  for (const { fromPerS, toPerS, overMs } of all) {
    const lengthMs = Math.min(overMs, untilMs - startMs);
    if (lengthMs <= 0) break;
    const slices = 1000;
    for (let i = 0; i < slices; i++) {
      const middle = ((i + 0.5) / slices) * lengthMs;
      area += (fromPerS + ((toPerS - fromPerS) * middle) / overMs) * (lengthMs / slices / 1000);
    }
    startMs += overMs;
  }
  return area;
}

/** Both directions of a pacer say the same: who is due by t was due before, and the next one is not. */
function assertConsistent(pacer: Pacer, jobs: number, elapsedMs: number): void {
  const due = pacer.dueBy(elapsedMs);
  if (due >= 1) assert.ok(pacer.dueMs(Math.min(due, jobs) - 1)! <= elapsedMs + 1e-3, `job ${due - 1} is not due`);
  if (due < jobs) assert.ok(pacer.dueMs(due)! >= elapsedMs - 1e-3, `job ${due} is due already`);
}

test('a ramp has every job due when the area under its line reaches the job’s number', () => {
  fc.assert(
    fc.property(stages, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const pacer = rampPacer(all);
      const jobs = rampJobs(all);
      const seq = Math.floor(share * (jobs - 1));
      const area = slowArea(all, pacer.dueMs(seq)!);
      assert.ok(Math.abs(area - seq) <= 1e-6 * jobs + 1e-3, `area ${area} when job ${seq} is due`);
      assertConsistent(pacer, jobs, share * rampMs(all));
    }),
    { seed: testSeed() },
  );
});

test('a ramp’s times never go back and lie within it', () => {
  fc.assert(
    fc.property(stages, (all) => {
      const pacer = rampPacer(all);
      const jobs = rampJobs(all);
      let last = 0;
      for (let i = 0; i <= 200; i++) {
        const ms = pacer.dueMs(Math.floor(((jobs - 1) * i) / 200))!;
        assert.ok(ms >= last && ms <= rampMs(all) + 1e-6, `${ms} after ${last}`);
        last = ms;
      }
    }),
    { seed: testSeed() },
  );
});

test('a flat ramp is a constant rate', () => {
  const [flat, constant] = [rampPacer([{ fromPerS: 250, toPerS: 250, overMs: 4000 }]), constantPacer(250)];
  for (const seq of [0, 1, 17, 999]) assert.ok(Math.abs(flat.dueMs(seq)! - constant.dueMs(seq)!) < 1e-9, `${seq}`);
  for (const ms of [0, 3.9, 4, 1000, 3999]) assert.equal(flat.dueBy(ms), constant.dueBy(ms), `${ms} ms`);
});

test('a ramp from 1,000 to 20,000 within a minute is 630,000 jobs, half of them after 42 s', () => {
  const all = [{ fromPerS: 1000, toPerS: 20_000, overMs: 60_000 }];
  assert.equal(rampJobs(all), 630_000);
  assert.equal(Math.round(rampPacer(all).dueMs(315_000)! / 1000), 42);
  assert.equal(meanRateOf({ kind: 'ramp', stages: all }), 10_500);
});

test('a stage in which nothing is due is waited through', () => {
  const pacer = rampPacer([
    { fromPerS: 100, toPerS: 100, overMs: 1000 },
    { fromPerS: 0, toPerS: 0, overMs: 5000 },
    { fromPerS: 100, toPerS: 100, overMs: 1000 },
  ]);
  assert.deepEqual(
    [99, 100, 101].map((seq) => Math.round(pacer.dueMs(seq)!)),
    [990, 6000, 6010],
  );
  assert.equal(pacer.dueBy(3000), 101);
});

test('bursts are due all at once, again and again', () => {
  const pacer = burstPacer({ jobs: 50, everyMs: 200 });
  assert.deepEqual(
    [0, 49, 50, 149].map((seq) => pacer.dueMs(seq)),
    [0, 0, 200, 400],
  );
  assert.deepEqual(
    [-1, 0, 199.9, 200, 401].map((ms) => pacer.dueBy(ms)),
    [0, 50, 50, 100, 150],
  );
  assert.deepEqual([pacer.wait(0, 49), pacer.wait(30, 50)], [0, 170]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0.1, max: 1e5, noNaN: true }),
      fc.double({ min: 0, max: 1e7, noNaN: true }),
      (jobs, everyMs, ms) => {
        assertConsistent(burstPacer({ jobs, everyMs }), Number.POSITIVE_INFINITY, ms);
      },
    ),
    { seed: testSeed() },
  );
});

test('figures that make no pace are refused', () => {
  assert.throws(() => rampPacer([{ fromPerS: 1, toPerS: 2, overMs: 0 }]), RangeError);
  assert.throws(() => rampPacer([{ fromPerS: -1, toPerS: 2, overMs: 10 }]), RangeError);
  assert.throws(() => rampPacer([{ fromPerS: 0, toPerS: 0, overMs: 10 }]), RangeError);
  assert.throws(() => burstPacer({ jobs: 0, everyMs: 10 }), RangeError);
  assert.throws(() => burstPacer({ jobs: 5, everyMs: 0 }), RangeError);
});

test('closed models have no planned times and no rate', () => {
  for (const load of [
    { kind: 'closed' },
    { kind: 'tides', tides: 3 },
    { kind: 'backlog', jobs: 5, durationMs: 1 },
  ] as const) {
    assert.deepEqual([pacerOf(load).dueMs(3), meanRateOf(load)], [null, null]);
  }
});

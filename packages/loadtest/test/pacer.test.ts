import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedPacer, constantPacer } from '../src/pacer.ts';

test('a constant rate spaces jobs evenly from the start', () => {
  const pacer = constantPacer(200);
  assert.deepEqual(
    [0, 1, 10].map((seq) => pacer.dueMs(seq)),
    [0, 5, 50],
  );
  assert.equal(pacer.wait(0, 0), 0);
  assert.equal(pacer.wait(2, 1), 3);
  assert.equal(pacer.wait(100, 1), 0, 'a late job goes at once');
});

test('dueBy counts exactly the jobs whose time has come', () => {
  for (const rate of [0.5, 3, 7, 1000, 20_000]) {
    const pacer = constantPacer(rate);
    for (const elapsedMs of [0, 0.04, 1, 3.3, 1000, 10_000]) {
      const due = pacer.dueBy(elapsedMs);
      assert.ok(
        pacer.dueMs(due - 1)! <= elapsedMs + 1e-6,
        `${rate}/s after ${elapsedMs} ms: job ${due - 1} is not due`,
      );
      assert.ok(pacer.dueMs(due)! > elapsedMs - 1e-6, `${rate}/s after ${elapsedMs} ms: job ${due} is due`);
    }
  }
  assert.equal(constantPacer(5).dueBy(-1), 0);
});

test('a closed run has everything due at once and no planned times', () => {
  assert.equal(closedPacer.dueBy(0), Number.POSITIVE_INFINITY);
  assert.equal(closedPacer.wait(0, 5), 0);
  assert.equal(closedPacer.dueMs(3), null);
});

test('a rate that is none is refused', () => {
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => constantPacer(rate), RangeError);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Waits, waitMs } from '../src/waits.ts';

test('the longest waiting one is first, at every queue that it named', () => {
  const waits = new Waits<string>();
  const a = waits.add('a', ['x', 'y'], 0);
  waits.add('b', ['y', '__proto__'], 1);
  assert.equal(waits.first('x')?.fetcher, 'a');
  assert.equal(waits.first('y')?.fetcher, 'a');
  assert.equal(waits.first('__proto__')?.fetcher, 'b');
  assert.equal(waits.first('z'), null);
  waits.remove(a);
  assert.equal(waits.first('x'), null);
  assert.equal(waits.first('y')?.fetcher, 'b');
  waits.remove(a);
  assert.equal(waits.first('y')?.fetcher, 'b');
});

test('a wait is over after its time, in order; one without queues only lasts', () => {
  const waits = new Waits<string>();
  waits.add('a', [], 0);
  waits.add('b', ['x', 'x'], 500);
  assert.equal(waits.firstOver(waitMs - 1), null);
  const over = waits.firstOver(waitMs)!;
  assert.equal(over.fetcher, 'a');
  waits.remove(over);
  assert.equal(waits.firstOver(waitMs), null);
  const last = waits.firstOver(waitMs + 500)!;
  assert.equal(last.fetcher, 'b');
  waits.remove(last);
  assert.equal(waits.first('x'), null);
  assert.equal(waits.firstOver(Number.POSITIVE_INFINITY), null);
});

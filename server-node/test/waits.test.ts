import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueList } from '../src/queue-list.ts';
import { Waits, waitMs } from '../src/waits.ts';

const kept = (...names: string[]) => Object.assign(new QueueList(names.join(' ')), { isKept: true });

test('the longest waiting one is first, at every queue that it named', () => {
  const waits = new Waits<string>();
  const a = waits.add('a', kept('x', 'y'), 0);
  waits.add('b', kept('y', '__proto__'), 1);
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
  waits.add('a', null, 0);
  waits.add('b', kept('x', 'x'), 500);
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

test('a line that ran empty is found again by the next wait, at the queues that dropped it and at the others', () => {
  const waits = new Waits<string>();
  const list = kept('x', 'y');
  waits.remove(waits.add('a', list, 0));
  assert.equal(waits.known, 2);
  assert.equal(waits.first('x'), null);
  assert.equal(waits.known, 1);
  const b = waits.add('b', list, 1);
  waits.add('c', list, 2);
  assert.equal(waits.first('x')?.fetcher, 'b');
  assert.equal(waits.first('y')?.fetcher, 'b');
  waits.remove(b);
  assert.equal(waits.first('y')?.fetcher, 'c');
  assert.equal(waits.size, 1);
});

test('of a list that is kept no more nothing is left behind its last wait', () => {
  const waits = new Waits<string>();
  const [list, once] = [kept('x', 'y'), new QueueList('x z')];
  const a = waits.add('a', list, 0);
  const b = waits.add('b', once, 0);
  list.isKept = false;
  waits.forget(list);
  assert.equal(waits.first('x')?.fetcher, 'a');
  waits.remove(a);
  assert.equal(waits.first('x')?.fetcher, 'b');
  waits.remove(b);
  assert.equal(waits.known, 0);
  const again = kept('x');
  waits.remove(waits.add('c', again, 0));
  again.isKept = false;
  waits.forget(again);
  assert.equal(waits.known, 0);
});

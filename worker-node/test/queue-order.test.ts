import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueOrder } from '../src/queue-order.ts';
import { parseQueues } from '../src/queue-rules.ts';

const all = () => true;

/** Numbers from 0 to 1, evenly, in an order that looks like none. */
function even(count: number): () => number {
  let at = 0;
  return () => ((at++ * 0.6180339887498949) % 1) * (1 - 1 / count);
}

test('strict order is as given, without what is closed', () => {
  const order = new QueueOrder(parseQueues(['a', 'b', 'c']), assert.fail);
  assert.equal(order.weighted, false);
  assert.deepEqual(order.draw(all), [0, 1, 2]);
  assert.deepEqual(
    order.draw((index) => index !== 1),
    [0, 2],
  );
  assert.deepEqual(
    order.draw(() => false),
    [],
  );
});

test('weighted: each draw has every open queue once, and the first is by weight', () => {
  const order = new QueueOrder(parseQueues(['a:5', 'b:1', 'c:4']), even(100_000));
  assert.equal(order.weighted, true);
  const firsts = [0, 0, 0];
  for (let i = 0; i < 10_000; i++) {
    const drawn = order.draw(all);
    assert.deepEqual([...drawn].sort(), [0, 1, 2]);
    firsts[drawn[0]!]!++;
  }
  assert.deepEqual(
    firsts.map((count) => Math.round(count / 100) / 10),
    [5, 1, 4],
  );
});

test('weighted without the closed ones: the others keep their shares', () => {
  const order = new QueueOrder(parseQueues(['a:90', 'b:1', 'c:3']), even(100_000));
  let first = 0;
  for (let i = 0; i < 8000; i++) if (order.draw((index) => index > 0)[0] === 2) first++;
  assert.equal(Math.round(first / 100), 60);
});

test('one queue needs no drawing, whatever its weight', () => {
  assert.equal(new QueueOrder(parseQueues(['a:5']), assert.fail).weighted, false);
});

test('random numbers at their ends draw something', () => {
  for (const number of [0, 1 - 2 ** -53]) {
    const order = new QueueOrder(parseQueues(['a:5', 'b:1']), () => number);
    assert.deepEqual([...order.draw(all)].sort(), [0, 1]);
  }
});

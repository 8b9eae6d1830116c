import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueueList } from '../src/queue-list.ts';
import { QueueLists } from '../src/queue-lists.ts';

test('a list that comes again is the one that was kept', () => {
  const lists = new QueueLists();
  const first = lists.read('fast slow');
  assert.deepEqual(first.names, ['fast', 'slow']);
  assert.equal(first.isRepeated, false);
  assert.equal(lists.read('fast slow'), first);
  assert.equal(first.isRepeated, true);
  assert.equal(lists.kept, 1);
});

test('lists that differ in one letter are told apart, wherever it stands', () => {
  const lists = new QueueLists();
  const names = Array.from({ length: 100 }, (_, i) => `queue-${100 + i}`);
  for (let i = 0; i < 100; i++) {
    const other = names.with(i, `queue-x${i}`.slice(0, 9)).join(' ');
    assert.deepEqual(lists.read(other).names, other.split(' '));
    assert.equal(lists.read(other), lists.read(other));
  }
});

test('what clients make up does not add up: very long lists are not kept, others as far as there is room', () => {
  const forgotten = new Set<QueueList>();
  const lists = new QueueLists((list) => forgotten.add(list));
  for (let i = 0; i < 10; i++) assert.equal(lists.read(`queue-${i} `.repeat(10_000)).names.length, 10_001);
  assert.equal(lists.kept, 0);
  const first = lists.read('q0');
  for (let i = 0; i < 100_000; i++) lists.read(`q${i}`);
  assert.ok(lists.kept < 10_000, `${lists.kept} short lists`);
  assert.ok(forgotten.has(first) && !first.isKept);
  const thousand = Array.from({ length: 1000 }, (_, i) => `queue-of-some-length-${i}`).join(' ');
  for (let i = 0; i < 200; i++) lists.read(`${thousand} ${i}`);
  assert.ok(lists.kept <= 40, `${lists.kept} long lists`);
  assert.equal(lists.read(`${thousand} 199`), lists.read(`${thousand} 199`));
  assert.ok([...forgotten].every((list) => !list.isKept));
});

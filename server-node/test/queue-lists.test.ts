import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueLists } from '../src/queue-lists.ts';

test('a list that comes again is the one that was kept', () => {
  const lists = new QueueLists();
  const first = lists.read('fast slow');
  assert.deepEqual(first, ['fast', 'slow']);
  assert.equal(lists.read('fast slow'), first);
  assert.equal(lists.kept, 1);
});

test('what clients make up does not add up: very long lists are not kept, others as far as there is room', () => {
  const lists = new QueueLists();
  for (let i = 0; i < 10; i++) assert.equal(lists.read(`queue-${i} `.repeat(10_000)).length, 10_001);
  assert.equal(lists.kept, 0);
  for (let i = 0; i < 100_000; i++) lists.read(`q${i}`);
  assert.ok(lists.kept < 10_000, `${lists.kept} short lists`);
  const thousand = Array.from({ length: 1000 }, (_, i) => `queue-of-some-length-${i}`).join(' ');
  for (let i = 0; i < 200; i++) lists.read(`${thousand} ${i}`);
  assert.ok(lists.kept <= 40, `${lists.kept} long lists`);
  assert.equal(lists.read(`${thousand} 199`), lists.read(`${thousand} 199`));
});

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

test('what clients make up does not add up: long lists are not kept, and of short ones no more than a thousand', () => {
  const lists = new QueueLists();
  for (let i = 0; i < 10; i++) assert.equal(lists.read(`q${i} `.repeat(1000)).length, 1001);
  assert.equal(lists.kept, 0);
  for (let i = 0; i < 2500; i++) lists.read(`q${i}`);
  assert.equal(lists.kept, 500);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../src/until.ts';

test('it resolves with the first value that is there', async () => {
  let looks = 0;
  const value = await until('a third look', () => (++looks < 3 ? null : looks), { intervalMs: 0 });
  assert.equal(value, 3);
});

test('0 and the empty string are values', async () => {
  assert.equal(await until('a zero', () => 0), 0);
  assert.equal(await until('a text', () => ''), '');
});

test('it gives up with a sentence that says what it waited for', async () => {
  await assert.rejects(
    until('pigs to fly', () => false, { timeoutMs: 1, intervalMs: 0 }),
    /waited 1 ms for pigs to fly/,
  );
});

test('an error of the condition ends the wait', async () => {
  await assert.rejects(
    until('nothing', () => {
      throw new Error('broken look');
    }),
    /broken look/,
  );
});

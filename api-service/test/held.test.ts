import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held } from '../src/held.ts';

test('counts up to its limits and takes nothing of what would pass them', () => {
  const held = new Held(3, 100);
  held.take(2, 90);
  assert.throws(() => held.take(2, 1), { code: 'EBUSY', statusCode: 503, retryAfterS: 1 });
  assert.throws(() => held.take(1, 11), { code: 'EBUSY' });
  assert.deepEqual([held.jobs, held.bytes], [2, 90]);
  held.take(1, 10);
});

test('idle settles when the last job is given back, at once when there is none', async () => {
  const held = new Held();
  await held.idle();
  held.take(2, 5);
  let idle = false;
  const waiting = held.idle().then(() => {
    idle = true;
  });
  held.give(1, 5);
  await Promise.resolve();
  assert.equal(idle, false);
  held.give(1, 0);
  await waiting;
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeClock } from '../src/clock.ts';

test('stamps are finer than the wall clock ticks, and follow it when it is set', () => {
  const now = { monotonic: 1000, wall: 1_700_000_000_000 };
  const clock = makeClock({ monotonic: () => now.monotonic, wall: () => Math.floor(now.wall) });
  const pass = (ms: number) => {
    now.monotonic += ms;
    now.wall += ms;
  };
  const first = clock.epochUs();
  pass(0.25);
  assert.equal(clock.epochUs() - first, 250);
  pass(3.5);
  assert.equal(clock.epochUs() - first, 3750);
  now.wall += 3_600_000;
  assert.equal(clock.epochUs(), Math.floor(now.wall) * 1000);
  now.wall -= 7_200_000;
  assert.equal(clock.epochUs(), Math.floor(now.wall) * 1000);
  assert.equal(clock.nowMs(), 1003.75);
});

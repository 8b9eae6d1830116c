import assert from 'node:assert/strict';
import { it } from 'node:test';
import { epochUs } from '../src/clock.ts';
import { measureUsage } from '../src/usage.ts';

it('stamps whole microseconds that never go back', () => {
  let last = epochUs();
  assert.ok(Math.abs(last - Date.now() * 1000) < 60_000_000, 'within a minute of the wall clock');
  for (let i = 0; i < 1000; i++) {
    const now = epochUs();
    assert.ok(Number.isSafeInteger(now) && now >= last);
    last = now;
  }
});

it('measures this process', () => {
  const before = measureUsage();
  const usage = measureUsage(12);
  assert.ok(usage.cpuUs >= before.cpuUs && before.cpuUs > 0);
  assert.ok(usage.rssBytes > 1 << 20);
  assert.equal(before.loopDelayP99Us, null);
  assert.equal(usage.loopDelayP99Us, 12);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryGuard } from '../src/memory-guard.ts';

test('memory is short from 90% in use on, until it is below 80%', () => {
  const guard = new MemoryGuard();
  const seen = [0.5, 0.89, 0.9, 0.95, 0.85, 0.8, 0.79, 0.89, 1.2].map((share) => [guard.judge(share), guard.short]);
  assert.deepEqual(seen, [
    [false, false],
    [false, false],
    [true, true],
    [false, true],
    [false, true],
    [false, true],
    [true, false],
    [false, false],
    [true, true],
  ]);
});

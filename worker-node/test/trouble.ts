// What tests of trouble share: a server's clock that is moved by hand, and when all is done.

import assert from 'node:assert/strict';
import { until } from '@jobstorm/testkit';
import type { Engine } from '../src/engine.ts';

export const patient = { timeoutMs: 60_000, intervalMs: 20 };

export function handClock() {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    epochUs: () => 1_800_000_000_000_000 + nowMs * 1000,
    advance(ms: number) {
      nowMs += ms;
    },
  };
}

/** Lets reservations end and retries fall due until nothing is left. */
export async function untilDone(clock: ReturnType<typeof handClock>, done: () => boolean): Promise<void> {
  for (let step = 0; !done() && step < 100; step++) {
    clock.advance(10_000);
    const lookedAtMs = performance.now() + 200;
    await until('the server to look at its clock', () => done() || performance.now() > lookedAtMs, patient);
  }
  assert.ok(done(), 'every job comes back');
}

/** Sequence numbers that were acknowledged, each once, as the worker tells. */
export const completed = (worker: Engine) => worker.snapshot(true).runs.find(({ run }) => run === 'r1')?.completed ?? 0;
export const idle = (worker: Engine) => worker.snapshot(false).slots.running === 0;

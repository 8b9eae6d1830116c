// A clock that moves only when a test says so.

import type { Clock } from '../src/clock.ts';

/** 2026-01-02T03:04:05.000006Z */
export const fakeEpochUs = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 6;

export class FakeClock implements Clock {
  #passedMs = 0;
  #steppedMs = 0;

  advance(ms: number): void {
    this.#passedMs += ms;
  }

  /** Somebody sets the wall clock, and no time passes. */
  step(ms: number): void {
    this.#steppedMs += ms;
  }

  nowMs(): number {
    return 1000 + this.#passedMs;
  }

  epochUs(): number {
    return fakeEpochUs + (this.#passedMs + this.#steppedMs) * 1000;
  }
}

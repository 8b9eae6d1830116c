// Time that passes only when a test says so: `performance.now` and timers, a millisecond at a time.

import { afterEach, beforeEach, mock } from 'node:test';

export interface SteppedTime {
  /** What `performance.now` says; to be set: a part of a millisecond later, while no timer looks. */
  nowMs: number;
  pass(ms: number): void;
}

/** For every test of the file that calls it. */
export function steppedTime(): SteppedTime {
  let nowMs = 0;
  beforeEach(() => {
    nowMs = 1000;
    mock.method(performance, 'now', () => nowMs);
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });
  return {
    get nowMs() {
      return nowMs;
    },
    set nowMs(ms) {
      nowMs = ms;
    },
    pass(ms) {
      for (let i = 0; i < ms; i++) {
        nowMs++;
        mock.timers.tick(1);
      }
    },
  };
}

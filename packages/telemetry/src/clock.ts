// Wall-clock time in microseconds, for stamps that other processes read. Monotonic within a process: it starts from the wall
// clock once and then follows the monotonic clock, so a clock step in mid-run can't make a latency negative here.

const originUs = performance.timeOrigin * 1000;

/** Microseconds since the epoch, a whole number. */
export function epochUs(): number {
  return Math.round(originUs + performance.now() * 1000);
}

/** The epoch time of a `performance.now()` reading, in whole microseconds. */
export function epochUsAt(monotonicMs: number): number {
  return Math.round(originUs + monotonicMs * 1000);
}

// Time as the server sees it, passed in so that tests move it by hand. Durations (reservations, waits, heartbeats) live on the
// monotonic clock and don't care about clock steps; what is compared with dates in jobs lives on the wall clock.

export interface Clock {
  /** Monotonic milliseconds from any origin. */
  nowMs(): number;
  /** Wall-clock microseconds since the epoch. */
  epochUs(): number;
}

/** A step or drift of the wall clock larger than this is followed; below it, stamps keep the monotonic clock's resolution. */
const toleratedMs = 5;

/** Where the time comes from, in milliseconds: one clock that only goes forward, and one that people set. */
export interface TimeSources {
  monotonic(): number;
  wall(): number;
}

export function makeClock({ monotonic, wall }: TimeSources): Clock {
  let offsetMs = wall() - monotonic();
  return {
    nowMs: monotonic,
    epochUs() {
      const monotonicMs = monotonic();
      const wallMs = wall();
      if (Math.abs(wallMs - monotonicMs - offsetMs) > toleratedMs) offsetMs = wallMs - monotonicMs;
      return Math.round((monotonicMs + offsetMs) * 1000);
    },
  };
}

export const systemClock: Clock = makeClock({ monotonic: () => performance.now(), wall: () => Date.now() });

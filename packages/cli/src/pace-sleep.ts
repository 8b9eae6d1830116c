// How the generator waits for the next planned send. A timer of Node comes up to a millisecond late; where sends are so far apart that
// it costs little CPU, the last two milliseconds are waited through by asking the clock, and a send goes out within microseconds.

import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** From here on a fifth of a core would go into waiting. */
const mostPerS = 100;
/** Before the time, in milliseconds, when the clock is asked. */
const watchedMs = 2;

export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

async function coarse(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(1, ms), undefined, { signal }).catch(() => {}); // aborted: the caller looks
}

async function exact(ms: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + ms;
  if (ms > watchedMs) await coarse(Math.floor(ms) - watchedMs, signal);
  while (performance.now() < untilMs && !signal.aborted) await turn();
}

/** For sends at that rate; null: as fast as replies come. */
export function sleepFor(ratePerS: number | null): Sleep {
  return ratePerS !== null && ratePerS <= mostPerS ? exact : coarse;
}

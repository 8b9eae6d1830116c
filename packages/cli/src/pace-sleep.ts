// How the generator waits for the next planned send. A timer of Node counts whole milliseconds and comes a little late; where sends are so
// far apart that it costs little CPU, what a timer can't tell is waited through by asking the clock, and a send goes out within
// microseconds.

import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** From here on more than two fifths of a core would go into waiting. */
const mostPerS = 400;
/** How long before the time a timer is to come, in milliseconds: it comes later than it should by less, as a rule. */
const aheadMs = 0.5;

export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

async function coarse(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(1, ms), undefined, { signal }).catch(() => {}); // aborted: the caller looks
}

async function exact(ms: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + ms;
  const timedMs = Math.floor(ms - aheadMs);
  if (timedMs > 0) await coarse(timedMs, signal);
  while (performance.now() < untilMs && !signal.aborted) await turn();
}

/** For sends at that rate; null: as fast as replies come. */
export function sleepFor(ratePerS: number | null): Sleep {
  return ratePerS !== null && ratePerS <= mostPerS ? exact : coarse;
}

// How the Node producers send: all at once, or one by one, each when it is due.

import { setTimeout as delay } from 'node:timers/promises';
import { nowUs } from './tally.mjs';

export const pad = 'x'.repeat(120);

/** `JOBS [RATE]` of the command line. */
export function asked() {
  const [jobs, rate] = process.argv.slice(2).map(Number);
  return { jobs, rate: rate ?? null };
}

function report(jobs, startMs) {
  console.log(JSON.stringify({ enqueued: jobs, seconds: (performance.now() - startMs) / 1000 }));
}

/** `send(count)` takes `size` jobs at a time, at most `inFlight` calls unanswered. */
export async function sendAll({ jobs, size, inFlight, send }) {
  const startMs = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < jobs) {
      const count = Math.min(size, jobs - next);
      next += count;
      await send(count);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  report(jobs, startMs);
}

/** `send(dueUs)`, each job at its time, whatever the answers. */
export async function sendPaced({ jobs, rate, send }) {
  const startMs = performance.now();
  const startUs = nowUs() + 100_000;
  const sent = [];
  for (let at = 0; at < jobs; at++) {
    const dueUs = startUs + (at / rate) * 1e6;
    const waitMs = (dueUs - nowUs()) / 1000;
    if (waitMs > 0) await delay(waitMs);
    sent.push(send(dueUs));
  }
  await Promise.all(sent);
  report(jobs, startMs);
}

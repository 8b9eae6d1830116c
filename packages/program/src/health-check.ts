// Is a part well? The answer for HEALTHCHECK of an image, of a part that serves /health or of one that listens on nothing and
// touches a file while it works. It starts every few seconds beside the part, under its CPU cap, so it imports next to nothing.

import { statSync } from 'node:fs';
import { get } from 'node:http';

const deadlineMs = 3000;
/** A file that was not touched for this long belongs to a part that hangs. */
const staleMs = 30_000;

function asked(url: string): Promise<string | null> {
  return new Promise((settle) => {
    const request = get(url, { timeout: deadlineMs, agent: false }, (response) => {
      response.resume();
      settle(response.statusCode === 200 ? null : `${url} answered ${response.statusCode}`);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${deadlineMs} ms`)));
    request.on('error', (error) => settle(`${url}: ${error.message}`));
  });
}

function touched(path: string, nowMs: number): string | null {
  const touchedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (touchedMs === undefined) return `${path} is not there`;
  return nowMs - touchedMs < staleMs
    ? null
    : `${path} was last touched ${Math.round((nowMs - touchedMs) / 1000)} s ago`;
}

/** What ails the part behind a URL (that should answer 200) or a file (that should have been touched lately); null: it is well. */
export async function ailment(target: string, nowMs: number = Date.now()): Promise<string | null> {
  return /^http:/.test(target) ? asked(target) : touched(target, nowMs);
}

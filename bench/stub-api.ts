// Stands where an api-service would and does nothing with the jobs: it answers, after a delay that it keeps to the microsecond by asking
// the clock all the time, and remembers when each request came and how long it held it.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubApi {
  url: string;
  /** By request: when its body was whole (performance.now() ms), how many jobs it had, and how long it was held, in ms. */
  readonly seen: readonly { atMs: number; jobs: number; heldMs: number }[];
  close(): Promise<void>;
}

interface Held {
  response: ServerResponse;
  text: string;
  untilMs: number;
  entry: { atMs: number; jobs: number; heldMs: number };
}

function jobsIn(body: string): number {
  let jobs = 0;
  for (let at = body.indexOf('"seq":'); at >= 0; at = body.indexOf('"seq":', at + 6)) jobs++;
  return jobs;
}

/** @param delayMs of the nth request; when not given, it answers at once */
export async function startStubApi(delayMs?: (nth: number) => number): Promise<StubApi> {
  const seen: { atMs: number; jobs: number; heldMs: number }[] = [];
  let held: Held[] = [];
  let watching = false;
  const answer = ({ response, text, entry }: Held) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      .end(text);
    entry.heldMs = performance.now() - entry.atMs;
  };
  // A timer is up to a millisecond late, which would be the error that is looked for.
  const watch = () => {
    const nowMs = performance.now();
    for (const each of held) if (each.untilMs <= nowMs) answer(each);
    held = held.filter(({ untilMs }) => untilMs > nowMs);
    if (held.length > 0) setImmediate(watch);
    else watching = false;
  };
  const take = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const atMs = performance.now();
      const entry = { atMs, jobs: jobsIn(body), heldMs: 0 };
      const nth = seen.push(entry) - 1;
      const each = { response, text: `{"job_ids":[],"total_enqueued":${entry.jobs}}`, untilMs: atMs, entry };
      if (!delayMs) return answer(each);
      each.untilMs = atMs + delayMs(nth);
      held.push(each);
      if (!watching) setImmediate(watch);
      watching = true;
    });
  };
  const server = createServer(take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

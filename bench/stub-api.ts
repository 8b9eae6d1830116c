// Stands where an api-service would and does nothing with the jobs: it answers, after a delay, and remembers when each request came and
// how long it was really held. It reads HTTP by hand, so that what a server's library takes for a request is not part of what is measured.
// Invariant: a request is held from when its last byte was read until its answer was handed to the kernel, and that is what is
// remembered, however late a timer was. So no timer has to be exact, and no core is kept busy next to those that are measured.

import { type AddressInfo, createServer, type Socket } from 'node:net';

interface Seen {
  /** When it was whole, by performance.now(). */
  atMs: number;
  jobs: number;
  heldMs: number;
}

export interface StubApi {
  url: string;
  /** By request, in the order in which they came. */
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

const headEnd = '\r\n\r\n';

function jobsIn(text: string): number {
  let jobs = 0;
  for (let at = text.indexOf('"seq":'); at >= 0; at = text.indexOf('"seq":', at + 6)) jobs++;
  return jobs;
}

/** Where the first request of `text` ends; -1: it is not whole. Bodies have a content-length, if there is one. */
function requestEnd(text: string): number {
  const head = text.indexOf(headEnd);
  if (head < 0) return -1;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  const end = head + headEnd.length + length;
  return end <= text.length ? end : -1;
}

function answerText(jobs: number): string {
  const body = `{"job_ids":[],"total_enqueued":${jobs}}`;
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}${headEnd}${body}`;
}

/** Calls `onRequest` with each whole request that a socket brings. */
function readRequests(socket: Socket, onRequest: (text: string) => void): void {
  let unread = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    unread += text;
    for (let end = requestEnd(unread); end >= 0; end = requestEnd(unread)) {
      onRequest(unread.slice(0, end));
      unread = unread.slice(end);
    }
  });
}

/** @param delayMs of the nth request; when not given, it answers at once */
export async function startStubApi(delayMs?: (nth: number) => number): Promise<StubApi> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const take = (socket: Socket, text: string) => {
    const entry = { atMs: performance.now(), jobs: jobsIn(text), heldMs: 0 };
    const nth = seen.push(entry) - 1;
    const answer = () => {
      socket.write(answerText(entry.jobs));
      entry.heldMs = performance.now() - entry.atMs;
    };
    if (delayMs) setTimeout(answer, delayMs(nth));
    else answer();
  };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    readRequests(socket, (text) => take(socket, text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

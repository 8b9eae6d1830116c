// Jobs in one by one: 64 connections, each waiting for the answer to its PUSH before it sends the next. What a promise costs: with
// a journal every answer waits for the disk, together with those of the other connections.

import type { RawConnection } from '@jobstorm/testkit';
import { type JobShape, jobText } from '../backlog.ts';
import { type BenchCase, ratioFigure, realName, type Side } from '../case.ts';
import { Nest, type ServerKind } from '../nest.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const journal = 'server-node --data';
const rate = { key: 'jobsPerS', unit: ' jobs/s' };
const connectionCount = 64;
const ok = Buffer.from('+OK\r\n');

/** Sends each line once the one before it was answered; the connections take them in turn. Resolves with the ms it took. */
function pushAll(connections: readonly RawConnection[], lines: readonly Buffer[]): Promise<number> {
  const startMs = performance.now();
  let sent = 0;
  let answered = 0;
  return new Promise((resolve, reject) => {
    for (const { socket } of connections) {
      // Read in the plainest way: what is measured is the server, and this process shares the machine with it.
      socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
        if (chunk.length !== ok.length || !chunk.equals(ok)) reject(new Error(`a PUSH was answered with ${chunk}`));
        if (++answered === lines.length) resolve(performance.now() - startMs);
        else if (sent < lines.length) socket.write(lines[sent++]!);
      });
      socket.write(lines[sent++]!);
    }
  });
}

const linesOf = (first: number, jobs: number) =>
  Array.from({ length: jobs }, (_, i) => Buffer.from(`PUSH ${jobText(shape, first + i)}\r\n`, 'latin1'));

function measure(kind: ServerKind, jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server(kind);
    const connections = await Promise.all(Array.from({ length: connectionCount }, () => nest.connection(server)));
    const warmUp = linesOf(0, jobs / 5);
    const lines = linesOf(warmUp.length, jobs);
    await pushAll(connections, warmUp);
    const beforeUs = server.cpuUs();
    const tookMs = await pushAll(connections, lines);
    return { jobsPerS: (jobs / tookMs) * 1000, serverUs: (server.cpuUs() - beforeUs) / jobs };
  });
}

export const pushSingle: BenchCase = {
  name: 'push-single',
  about:
    'jobs in by single PUSHes over 64 connections, one unanswered on each: server-node, with a journal, and real Faktory',
  realFaktory: 'beside',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
  ],
  figures: [
    ratioFigure({
      ...rate,
      what: 'single PUSHes of 64 clients, in memory',
      side: 'server-node',
      other: realName,
      digits: 2,
    }),
    ratioFigure({
      ...rate,
      what: 'single PUSHes of 64 clients, --fsync always',
      side: journal,
      other: realName,
      digits: 2,
      atLeast: 1.6,
    }),
  ],
  async sides({ count, realFaktory }): Promise<Side[]> {
    const kinds: ServerKind[] = ['server-node', journal];
    if (realFaktory) kinds.push(realName);
    return kinds.map((name) => ({ name, run: () => measure(name, count(60_000, 20_000)) }));
  },
};

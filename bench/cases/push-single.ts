// Jobs in one by one: 64 connections, each waiting for the answer to its PUSH before it sends the next. What a promise costs: with
// a journal every answer waits for the disk, together with those of the other connections.

import type { JobShape } from '../backlog.ts';
import { type BenchCase, ratioFigure, realName, type Side } from '../case.ts';
import { Nest, type ServerKind } from '../nest.ts';
import { type PushConnection, pushLines } from '../push-connection.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const journal = 'server-node --data';
const rate = { key: 'jobsPerS', unit: ' jobs/s' };
const connectionCount = 64;

/** Sends each line once the one before it was answered; the connections take them in turn. Resolves with the ms it took. */
function pushAll(connections: readonly PushConnection[], lines: readonly Buffer[]): Promise<number> {
  const startMs = performance.now();
  let sent = 0;
  let answered = 0;
  return new Promise((resolve, reject) => {
    for (const connection of connections) {
      connection.onError = reject;
      connection.onReplies = (count) => {
        answered += count;
        if (answered === lines.length) resolve(performance.now() - startMs);
        else if (sent < lines.length) connection.push(lines[sent++]!);
      };
      connection.push(lines[sent++]!);
    }
  });
}

function measure(kind: ServerKind, jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server(kind);
    const connections = await nest.pushConnections(server.port, connectionCount);
    const warmUp = pushLines(shape, 0, jobs / 5);
    const lines = pushLines(shape, warmUp.length, jobs);
    await pushAll(connections, warmUp);
    const [beforeUs, ownBefore] = [server.cpuUs(), process.cpuUsage()];
    const tookMs = await pushAll(connections, lines);
    const own = process.cpuUsage(ownBefore);
    const serverUs = (server.cpuUs() - beforeUs) / jobs;
    return { jobsPerS: (jobs / tookMs) * 1000, serverUs, generatorUs: (own.user + own.system) / jobs };
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
    { key: 'generatorUs', title: 'generator us/job', digits: 2 },
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

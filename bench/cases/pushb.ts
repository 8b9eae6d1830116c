// How fast jobs go in by PUSHB of 500, after a warm-up that does not count.

import type { JobShape } from '../backlog.ts';
import { type BenchCase, ratioFigure, readingOf, realName, type Side } from '../case.ts';
import { Nest, type ServerKind } from '../nest.ts';
import { prepareLines, runPushLoad } from '../push-load.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const journal = 'server-node --data';
const rate = { key: 'jobsPerS', unit: ' jobs/s' };
const size = 500;
const warmUpJobs = 50_000;
const connectionCount = 4;
const unansweredEach = 2;

function measure(kind: ServerKind, jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const warmUp = prepareLines(shape, 0, warmUpJobs, size);
    const lines = prepareLines(shape, warmUpJobs, jobs, size);
    const server = await nest.server(kind);
    const connections = await Promise.all(Array.from({ length: connectionCount }, () => nest.connection(server)));
    await runPushLoad(connections, warmUp, unansweredEach);
    const [serverBeforeUs, ownBefore] = [server.cpuUs(), process.cpuUsage()];
    const tookMs = await runPushLoad(connections, lines, unansweredEach);
    const own = process.cpuUsage(ownBefore);
    return {
      jobsPerS: (jobs / tookMs) * 1000,
      serverUs: (server.cpuUs() - serverBeforeUs) / jobs,
      generatorUs: (own.user + own.system) / jobs,
    };
  });
}

export const pushb: BenchCase = {
  name: 'pushb',
  about: 'jobs in by PUSHB of 500 over 4 connections, 8 unanswered: server-node, with a journal, and real Faktory',
  realFaktory: 'beside',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
    { key: 'generatorUs', title: 'generator us/job', digits: 2 },
  ],
  figures: [
    { what: 'PUSHB of 500', value: readingOf('server-node', 'jobsPerS'), digits: 0, unit: ' jobs/s', atLeast: 220_000 },
    ratioFigure({ ...rate, what: 'PUSHB of 500, in memory', side: 'server-node', other: realName }),
    ratioFigure({ ...rate, what: 'PUSHB of 500, --fsync always', side: journal, other: realName, atLeast: 6 }),
  ],
  async sides({ count, realFaktory }): Promise<Side[]> {
    const jobs = count(600_000, 100_000);
    const kinds: ServerKind[] = ['server-node', journal];
    const sides: Side[] = kinds.map((name) => ({ name, run: () => measure(name, jobs) }));
    if (realFaktory) sides.push({ name: realName, run: () => measure(realName, count(100_000, 20_000)) });
    return sides;
  },
};

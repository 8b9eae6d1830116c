// What a large worker costs while nothing is to do: its own CPU, all its processes, the job server's, and its connections.

import { setTimeout as sleep } from 'node:timers/promises';
import { serverCounts } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest, type ServerKind } from '../nest.ts';
import { fineCpuUs } from '../proc.ts';

/** V8 tidies up once, some seconds after a process has gone quiet, with all its threads; that is over by then. */
const settleMs = 14_000;

async function measure(windowMs: number, kinds: readonly ServerKind[]): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const readings: Record<string, number> = {};
    const pairs = await Promise.all(kinds.map((kind) => startPair(nest, kind)));
    await sleep(settleMs);
    const look = () =>
      pairs.map(({ server, worker }) => ({ server: fineCpuUs(server.pids), worker: fineCpuUs(worker.pids) }));
    const [first, startMs] = [look(), performance.now()];
    await sleep(windowMs);
    const [last, tookMs] = [look(), performance.now() - startMs];
    for (const [at, { kind, server }] of pairs.entries()) {
      const percent = (who: 'server' | 'worker') => (last[at]![who] - first[at]![who]) / 10 / tookMs;
      const { connections } = await serverCounts(await nest.connection(server));
      readings[`${kind} worker`] = percent('worker');
      readings[`${kind} server`] = percent('server');
      readings[`${kind} connections`] = connections - 1;
    }
    return readings;
  });
}

async function startPair(nest: Nest, kind: ServerKind) {
  const server = await nest.server(kind);
  const worker = await nest.part('worker', '6000', '2', '--url', server.url);
  nest.add(() => worker.stop('SIGKILL'));
  return { kind, server, worker };
}

const side = '`worker 6000 2` on each';

export const workerIdle: BenchCase = {
  name: 'worker-idle',
  about:
    '`worker 6000 2` with nothing to do, one on each server, beside each other: CPU of all its processes and of the job server, and connections',
  realFaktory: 'beside',
  columns: [
    { key: 'real Faktory worker', title: 'worker on Faktory, %', digits: 2 },
    { key: 'real Faktory server', title: 'Faktory, %', digits: 2 },
    { key: 'real Faktory connections', title: 'connections', digits: 0 },
    { key: 'server-node worker', title: 'worker on server-node, %', digits: 2 },
    { key: 'server-node server', title: 'server-node, %', digits: 2 },
  ],
  figures: [
    {
      what: 'idle on real Faktory, the worker',
      value: readingOf(side, 'real Faktory worker'),
      digits: 2,
      unit: '% of a core',
      atMost: 1,
    },
    {
      what: 'idle, real Faktory itself',
      value: readingOf(side, 'real Faktory server'),
      digits: 2,
      unit: '% of a core',
      atMost: 2,
    },
    {
      what: 'idle on real Faktory, connections',
      value: readingOf(side, 'real Faktory connections'),
      digits: 0,
      unit: '',
      atMost: 15,
    },
    {
      what: 'idle on server-node, the worker',
      value: readingOf(side, 'server-node worker'),
      digits: 2,
      unit: '% of a core',
      atMost: 1,
    },
  ],
  async sides({ count, realFaktory }): Promise<Side[]> {
    const kinds: ServerKind[] = realFaktory ? ['real Faktory', 'server-node'] : ['server-node'];
    return [{ name: side, run: () => measure(count(6000, 2000), kinds) }];
  },
};

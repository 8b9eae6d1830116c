// How long server-node with a journal keeps anybody waiting while it cleans: a backlog of which one job in ten stays is worked
// off, so that segments become sparse and are rewritten, and a connection of its own asks for INFO all the while.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RawConnection } from '@jobstorm/testkit';
import type { JobShape } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { quantile } from '../quantile.ts';
import { workOff } from '../work-off.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };

/** Asks again and again until `isOver`; how long each answer took, in ms. */
async function ask(connection: RawConnection, isOver: () => boolean): Promise<number[]> {
  const took = [];
  while (!isOver()) {
    const startMs = performance.now();
    await connection.call('INFO');
    took.push(performance.now() - startMs);
    await sleep(1);
  }
  return took;
}

function measure(jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const { server, connection: worker } = await nest.filled('server-node --data', shape, jobs);
    const asker = await nest.connection(server);
    let isOver = false;
    const asking = ask(asker, () => isOver);
    await workOff(worker, { jobs, window: 200, isAcked: (seq) => seq % 10 !== 0 });
    await sleep(3000); // what is left to be cleaned
    isOver = true;
    const took = await asking;
    const info = JSON.parse(((await asker.call('INFO')) ?? '').split('\r\n')[1] ?? '{}');
    return { p99Ms: quantile(took, 0.99), maxMs: quantile(took, 1), leftMb: info.server.journal.bytes / 1e6 };
  });
}

export const cleaning: BenchCase = {
  name: 'cleaning',
  about: 'server-node with a journal: waits for INFO while a backlog is worked off and sparse segments are rewritten',
  realFaktory: 'unused',
  columns: [
    { key: 'p99Ms', title: 'p99, ms', digits: 2 },
    { key: 'maxMs', title: 'longest, ms', digits: 1 },
    { key: 'leftMb', title: 'MB left on disk', digits: 0 },
  ],
  figures: [
    {
      what: 'longest wait while the journal is cleaned',
      value: readingOf('server-node --data', 'maxMs'),
      digits: 1,
      unit: ' ms',
      atMost: 50,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: 'server-node --data', run: () => measure(count(600_000, 300_000)) }];
  },
};

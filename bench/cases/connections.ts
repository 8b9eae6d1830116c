// How many connections a large worker holds on a real Faktory while it works, by Faktory's own count.

import { setTimeout as sleep } from 'node:timers/promises';
import { fillQueue, serverCounts } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';

const side = 'worker 6000 8';
const looks = 20;

function measure(): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('real Faktory');
    const connection = await nest.connection(server);
    await fillQueue(connection, { jobtype: 'sleep', args: '[100]', counted: false }, 20_000);
    const worker = await nest.part('worker', '6000', '8', '--url', server.url);
    let most = 0;
    let processed = 0;
    for (let look = 0; look < looks; look++) {
      await sleep(100);
      const counts = await serverCounts(connection);
      // One of them is the one that asks.
      most = Math.max(most, counts.connections - 1);
      processed = counts.processed;
    }
    if (processed === 0) throw new Error('the worker did nothing while its connections were counted');
    return { connections: most, processes: worker.pids.length - 1 };
  });
}

export const connections: BenchCase = {
  name: 'connections',
  about: 'connections that `worker 6000 8` holds on a real Faktory',
  realFaktory: 'needed',
  columns: [
    { key: 'connections', title: 'connections', digits: 0 },
    { key: 'processes', title: 'worker processes', digits: 0 },
  ],
  figures: [{ what: 'connections', value: readingOf(side, 'connections'), digits: 0, unit: '', atMost: 63 }],
  async sides(): Promise<Side[]> {
    return [{ name: side, run: measure }];
  },
};

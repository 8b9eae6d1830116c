// Every case, in the order in which `all` runs them.

import type { BenchCase } from '../case.ts';
import { apiBatch } from './api-batch.ts';
import { apiSingle } from './api-single.ts';
import { batching } from './batching.ts';
import { blocked } from './blocked.ts';
import { cleaning } from './cleaning.ts';
import { compareCase } from './compare.ts';
import { connections } from './connections.ts';
import { depth } from './depth.ts';
import { drainCase } from './drain.ts';
import { images } from './images.ts';
import { latency, latencyChart } from './latency.ts';
import { longRun } from './long-run.ts';
import { manyQueues } from './many-queues.ts';
import { memory } from './memory.ts';
import { merge } from './merge.ts';
import { openLatency } from './open-latency.ts';
import { pacing } from './pacing.ts';
import { page } from './page.ts';
import { peersDrain, peersPaced } from './peers.ts';
import { perfTest } from './perf-test.ts';
import { pushSingle } from './push-single.ts';
import { pushb } from './pushb.ts';
import { recording } from './recording.ts';
import { recovery } from './recovery.ts';
import { scheduled } from './scheduled.ts';
import { shipping } from './shipping.ts';
import { slots24000 } from './slots-24000.ts';
import { slotsAsleep } from './slots-asleep.ts';
import { steady } from './steady.ts';
import { tuneCases } from './tune.ts';
import { verdicts } from './verdicts.ts';
import { watchCost } from './watch-cost.ts';
import { watching } from './watching.ts';
import { workerIdle } from './worker-idle.ts';
import { workerOnFaktory } from './worker-on-faktory.ts';
import { workerRate } from './worker-rate.ts';
import { workerStartCase } from './worker-start.ts';

/** Cases that belong together: their name runs them all, and gives one table. */
export interface Group {
  name: string;
  about: string;
  cases: readonly BenchCase[];
}

const server: Group = {
  name: 'server',
  about: 'what server-node has to reach, in some 15 minutes',
  cases: [drainCase, pushb, pushSingle, depth, manyQueues, scheduled, memory, recovery, blocked, steady, cleaning],
};

export const groups: readonly Group[] = [
  server,
  {
    name: 'worker',
    about: 'what the worker has to reach',
    cases: [workerRate, recording, workerOnFaktory, latency, slotsAsleep, slots24000, workerIdle, longRun],
  },
  {
    name: 'dashboard',
    about: 'what the dashboard costs, and how its page feels',
    cases: [watchCost, page],
  },
  { name: 'tune', about: 'what tunings choose, on three systems whose limit is known', cases: tuneCases },
];

export const cases: readonly BenchCase[] = [
  workerOnFaktory,
  ...server.cases,
  apiBatch,
  apiSingle,
  perfTest,
  batching,
  pacing,
  openLatency,
  slotsAsleep,
  connections,
  latency,
  latencyChart,
  workerRate,
  recording,
  slots24000,
  workerIdle,
  longRun,
  workerStartCase,
  images,
  watching,
  watchCost,
  page,
  peersDrain,
  peersPaced,
  merge,
  shipping,
  verdicts,
  compareCase,
  ...tuneCases,
];

// Every case, in the order in which `all` runs them.

import type { BenchCase } from '../case.ts';
import { apiBatch } from './api-batch.ts';
import { apiSingle } from './api-single.ts';
import { blocked } from './blocked.ts';
import { cleaning } from './cleaning.ts';
import { connections } from './connections.ts';
import { drainCase } from './drain.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { peersDrain, peersPaced } from './peers.ts';
import { perfTest } from './perf-test.ts';
import { pushSingle } from './push-single.ts';
import { pushb } from './pushb.ts';
import { recovery } from './recovery.ts';
import { slotsAsleep } from './slots-asleep.ts';
import { workerOnFaktory } from './worker-on-faktory.ts';

export const cases: readonly BenchCase[] = [
  workerOnFaktory,
  drainCase,
  pushb,
  pushSingle,
  apiBatch,
  apiSingle,
  perfTest,
  slotsAsleep,
  connections,
  blocked,
  latency,
  memory,
  recovery,
  cleaning,
  peersDrain,
  peersPaced,
];

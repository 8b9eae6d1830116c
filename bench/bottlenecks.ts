// Bottlenecks made on purpose, each on a cluster of its own: what is run, and what the verdict on it has to be.

import { FaultProxy } from '@jobstorm/testkit';
import type { Nest } from './nest.ts';

export interface Made {
  name: string;
  /** How it is made, for people. */
  how: string;
  /** What may be said of it. */
  expected: readonly string[];
  realFaktory?: boolean;
  /** Starts what it needs and gives the arguments of the run, and its environment. */
  prepare(nest: Nest): Promise<{ args: readonly string[]; env?: Readonly<Record<string, string>> }>;
}

const run = (...args: string[]) => ({ args: ['perf-test', ...args] });

export const bottlenecks: readonly Made[] = [
  {
    name: 'handler service time',
    how: '50 slots in jobs that sleep 100 ms',
    expected: ['slots'],
    prepare: async () => run('3000', '--service-time', '100ms', '--concurrency', '50', '--cpus', '1'),
  },
  {
    name: 'worker CPU at its cap',
    how: 'jobs that burn 5 ms of CPU, on all cores of this machine',
    expected: ['worker-cpu'],
    prepare: async () => run('2000', '--jobtype', 'spin', '--service-time', '5ms', '--cpus', '64'),
  },
  {
    name: 'throttling',
    how: 'jobs that burn 5 ms of CPU, in a worker with 0.5 CPUs',
    expected: ['throttling', 'worker-cpu'],
    prepare: async () => run('500', '--jobtype', 'spin', '--service-time', '5ms', '--cpus', '0.5'),
  },
  {
    name: 'FETCH round trips',
    how: '20 slots, and a proxy that makes each round trip to the server 50 ms long',
    expected: ['fetch'],
    prepare: async (nest) => {
      const server = await nest.server('server-node');
      const proxy = await FaultProxy.start({ port: server.port });
      nest.add(() => proxy.close());
      proxy.roundTripMs = 50;
      return run('2000', '--url', proxy.url, '--concurrency', '20', '--cpus', '1');
    },
  },
  {
    name: 'batcher',
    how: 'single POSTs into batches of 5,000 that leave after 100 ms and no sooner',
    expected: ['batcher'],
    prepare: async () => ({
      ...run('3000', '--via', 'api', '--cpus', '1'),
      env: { BATCH_ADAPTIVE: 'false', BATCH_MAX_DELAY_MS: '100', BATCH_MAX_SIZE: '5000' },
    }),
  },
  {
    name: 'offered rate',
    how: '300 jobs/s and no more are offered',
    expected: ['offered-rate'],
    prepare: async () => run('--rate', '300', '--duration', '5s', '--cpus', '1'),
  },
  {
    name: 'machine',
    how: 'all four parts as fast as they can on this machine',
    expected: ['machine-cpu'],
    prepare: async () => run('400000'),
  },
  {
    name: 'job server',
    how: 'real Faktory, as fast as it can',
    expected: ['server', 'server-redis', 'machine-cpu'],
    realFaktory: true,
    prepare: async (nest) => {
      const server = await nest.server('real Faktory');
      return run('40000', '--url', server.url, '--cpus', '1');
    },
  },
];

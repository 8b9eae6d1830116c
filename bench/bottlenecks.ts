// Bottlenecks made on purpose, each on a cluster of its own: what is run, and what the verdict on it has to be. What is to be scarce is
// scarce for one part alone (a quota, a throttle, a shaped link), so that two cores are enough to make each of them.

import { execFileSync } from 'node:child_process';
import { descendants, FaultProxy, isAlive, NetworkHost, whyNoNetworkHost } from '@jobstorm/testkit';
import { CpuGroup, whyNoCpuGroup } from './cpu-group.ts';
import type { JobServer, Nest, ServerKind } from './nest.ts';
import { Part } from './part.ts';
import { SlowDisk, whyNoSlowDisk } from './slow-disk.ts';

export interface Prepared {
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Hears the pid of the command. */
  began?(pid: number): void;
}

export interface Made {
  name: string;
  /** How it is made, for people. */
  how: string;
  /** What may be said of it. */
  expected: readonly string[];
  /** The exit code that it has to end with; 0 when not set. */
  code?: number;
  realFaktory?: boolean;
  /** Why it can't be made on this machine; null: it can. */
  whyNot?(): string | null;
  /** Starts what it needs and gives the arguments of the run, and its environment. */
  prepare(nest: Nest): Promise<Prepared>;
}

const run = (...args: string[]): Prepared => ({ args: ['perf-test', ...args] });

/** A server of which these processes, all when not told, are granted so many cores together. */
async function granted(
  nest: Nest,
  kind: ServerKind,
  cores: number,
  choose: (server: JobServer) => readonly number[] = ({ pids }) => pids,
): Promise<JobServer> {
  // Before the server, so that it goes after it.
  const group = new CpuGroup(cores);
  nest.add(() => group.remove());
  const server = await nest.server(kind);
  for (const pid of choose(server)) group.add(pid);
  return server;
}

/** A server on a host of its own behind a link that is shaped on its way there. */
async function behindLink(nest: Nest, rate: string): Promise<string> {
  const host = new NetworkHost();
  nest.add(() => host.remove());
  execFileSync('tc', [
    'qdisc',
    'add',
    'dev',
    host.link,
    'root',
    'tbf',
    'rate',
    rate,
    'burst',
    '64kb',
    'latency',
    '50ms',
  ]);
  const password = 'bench';
  const listen = ['--listen', `${host.address}:7419`, '--web', 'off'];
  const server = await Part.start('server', listen, [...host.prefix, 'env', `FAKTORY_PASSWORD=${password}`]);
  nest.add(() => server.stop());
  return `tcp://:${password}@${host.address}:7419`;
}

export const bottlenecks: readonly Made[] = [
  {
    name: 'handler service time',
    how: '50 slots in jobs that sleep 100 ms',
    expected: ['slots'],
    prepare: async () => run('3000', '--service-time', '100ms', '--concurrency', '50', '--cpus', '1'),
  },
  {
    name: 'worker CPU at its cap',
    how: 'jobs that burn 5 ms of CPU, in a worker with 1 CPU',
    expected: ['worker-cpu'],
    prepare: async () => run('1000', '--jobtype', 'spin', '--service-time', '5ms', '--cpus', '1'),
  },
  {
    name: 'throttling',
    how: 'jobs that burn 5 ms of CPU, in a worker with 0.5 CPUs',
    expected: ['throttling'],
    whyNot: whyNoCpuGroup,
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
    prepare: async () => run('1000000'),
  },
  {
    name: 'job server',
    how: 'server-node that is granted 0.2 CPUs',
    expected: ['server'],
    whyNot: whyNoCpuGroup,
    prepare: async (nest) => {
      const server = await granted(nest, 'server-node', 0.2);
      return run('60000', '--url', server.url, '--cpus', '1');
    },
  },
  {
    name: 'real job server',
    how: 'real Faktory that is granted 0.4 CPUs with its Redis',
    expected: ['server'],
    realFaktory: true,
    whyNot: whyNoCpuGroup,
    prepare: async (nest) => {
      const server = await granted(nest, 'real Faktory', 0.4);
      return run('10000', '--url', server.url, '--cpus', '1');
    },
  },
  {
    name: "the job server's Redis",
    how: 'real Faktory whose Redis is granted 0.1 CPUs',
    expected: ['server-redis'],
    realFaktory: true,
    whyNot: whyNoCpuGroup,
    prepare: async (nest) => {
      const server = await granted(nest, 'real Faktory', 0.1, ({ pid, pids }) => pids.filter((each) => each !== pid));
      return run('10000', '--url', server.url, '--cpus', '1');
    },
  },
  {
    name: "the job server's disk",
    how: 'server-node that syncs before each answer, on a disk that takes 60 writes a second',
    expected: ['server-disk'],
    whyNot: whyNoSlowDisk,
    prepare: async (nest) => {
      const disk = new SlowDisk(nest.folder(), 60);
      nest.add(() => disk.remove());
      const server = await nest.serverNode('--data', `${disk.folder}/data`, '--fsync', 'always');
      return run('5000', '--url', server.url, '--concurrency', '100', '--cpus', '1');
    },
  },
  {
    name: 'network',
    how: 'jobs of 4 KB to a server behind a link of 20 Mbit/s',
    expected: ['network'],
    whyNot: whyNoNetworkHost,
    prepare: async (nest) => {
      const url = await behindLink(nest, '20mbit');
      return run('3000', '--url', url, '--jobtype', 'payload', '--payload-bytes', '4096', '--cpus', '1');
    },
  },
  {
    name: 'generator',
    how: 'one POST a job from a generator that is granted 0.15 CPUs',
    expected: ['generator'],
    code: 111,
    whyNot: whyNoCpuGroup,
    prepare: async (nest) => {
      const server = await nest.server('server-node');
      const api = await nest.api(server);
      const group = new CpuGroup(0.15);
      nest.add(() => group.remove());
      return {
        ...run('4000', '--url', server.url, '--api', api.url, '--via', 'api', '--cpus', '1'),
        began: (pid) => capOnceAlone(group, pid),
      };
    },
  },
];

/** Once it has started the worker, which is not to be short of CPU. */
function capOnceAlone(group: CpuGroup, pid: number): void {
  const timer = setInterval(() => {
    if (!isAlive(pid)) return clearInterval(timer);
    if (descendants(pid).length < 2) return;
    group.add(pid);
    clearInterval(timer);
  }, 20);
}

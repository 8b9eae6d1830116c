// What it costs to watch: CPU of the control room and of docker-stats while ten containers run, by the account of the engine.

import { coresBetween, cpuReading, until } from '@jobstorm/testkit';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { ContainerCluster, whyNoEngine } from '../container-cluster.ts';

/** Beside Faktory, api-service, dashboard and a docker-stats for either side. */
const workers = 5;
const containers = workers + 5;

interface Stats {
  hosts: { containers: unknown[] }[];
}

async function seen(cluster: ContainerCluster): Promise<number> {
  const headers = { authorization: `Bearer ${cluster.secret('JOBSTORM_TOKEN')}` };
  const reply = await fetch(`http://127.0.0.1:${cluster.env.DASHBOARD_PORT}/stats`, { headers });
  const { hosts } = (await reply.json()) as Stats;
  return Math.max(0, ...hosts.map((host) => host.containers.length));
}

async function measure(cluster: ContainerCluster, seconds: number): Promise<Record<string, number>> {
  try {
    await cluster.just('server');
    await cluster.just('worker', '10', '0.2');
    const all = async () => (await seen(cluster)) >= containers;
    await until('the dashboard to show all containers', all, { timeoutMs: 60_000, intervalMs: 250 });
    const server = (await cluster.containers()).filter(({ project }) => project === cluster.project('server'));
    const readings = () =>
      Promise.all(['dashboard', 'docker-stats'].map((part) => cpuReading(server.find((one) => one.part === part)!.id)));
    const before = await readings();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const [dashboard, stats] = (await readings()).map((after, i) => 100 * coresBetween(before[i]!, after));
    return { containers: await seen(cluster), dashboard: dashboard!, stats: stats! };
  } finally {
    await cluster.just('down');
  }
}

export const watching: BenchCase = {
  name: 'watching',
  about: 'CPU of the control room and of docker-stats while they watch ten containers that idle (needs Docker)',
  realFaktory: 'unused',
  columns: [
    { key: 'containers', title: 'containers', digits: 0 },
    { key: 'dashboard', title: '% of a core, dashboard', digits: 2 },
    { key: 'stats', title: '% of a core, docker-stats', digits: 2 },
  ],
  figures: [
    { what: 'the dashboard', value: readingOf('idle', 'dashboard'), digits: 2, unit: '% of a core', atMost: 3 },
    { what: 'docker-stats', value: readingOf('idle', 'stats'), digits: 2, unit: '% of a core', atMost: 3 },
  ],
  async sides({ count, note }): Promise<Side[]> {
    const whyNot = await whyNoEngine();
    if (whyNot) {
      note(whyNot);
      return [];
    }
    const cluster = await ContainerCluster.make({ REPLICAS: String(workers) });
    return [{ name: 'idle', run: () => measure(cluster, count(60, 10)) }];
  },
};

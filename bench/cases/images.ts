// How large each part's image is above its base, and how long it takes to build again after a change of its sources.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ComposeStack, dockerOutput } from '@jobstorm/testkit';
import { type BenchCase, type MedianOf, readingOf, type Side } from '../case.ts';
import { baseImage, ContainerCluster, whyNoEngine } from '../container-cluster.ts';

/** A source file of each part, by the service that runs its image. */
const sources = {
  'worker-service': 'worker-node/src/main.ts',
  'api-service': 'api-service/src/main.ts',
  dashboard: 'dashboard/src/main.ts',
  'docker-stats': 'dashboard/src/docker-stats-main.ts',
  'server-node': 'server-node/src/main.ts',
};
type Service = keyof typeof sources;
const services = Object.keys(sources) as Service[];

const sizeOf = async (image: string) =>
  Number(await dockerOutput(['image', 'inspect', '--format', '{{.Size}}', image]));

async function measure(dir: string, stack: ComposeStack, service: Service): Promise<Record<string, number>> {
  appendFileSync(join(dir, sources[service]), '// changed\n');
  const startMs = performance.now();
  await stack.compose('--profile', '*', 'build', service);
  const rebuildS = (performance.now() - startMs) / 1000;
  const above = (await sizeOf(`${stack.name}-${service}`)) - (await sizeOf(baseImage));
  return { rebuildS, aboveMb: above / 1e6 };
}

const largest =
  (key: string) =>
  (median: MedianOf): number | null => {
    const values = services.map((service) => median(service, key));
    return values.some((value) => value === null) ? null : Math.max(...values.map(Number));
  };

export const images: BenchCase = {
  name: 'images',
  about: "each part's image: MB above its base, and its build after a change of sources (needs Docker)",
  realFaktory: 'unused',
  columns: [
    { key: 'aboveMb', title: 'MB above the base', digits: 1 },
    { key: 'rebuildS', title: 's to build again', digits: 1 },
  ],
  figures: [
    { what: 'the largest, above its base', value: largest('aboveMb'), digits: 1, unit: ' MB', atMost: 30 },
    { what: 'the slowest to build again', value: largest('rebuildS'), digits: 1, unit: ' s', atMost: 15 },
    {
      what: 'the worker, to build again',
      value: readingOf('worker-service', 'rebuildS'),
      digits: 1,
      unit: ' s',
      atMost: 15,
    },
  ],
  async sides({ note }): Promise<Side[]> {
    const whyNot = await whyNoEngine();
    if (whyNot) {
      note(whyNot);
      return [];
    }
    const cluster = await ContainerCluster.make();
    const { dir } = cluster.checkout;
    const env = { FAKTORY_PASSWORD: '', JOBSTORM_TOKEN: '', FAKTORY_SERVER_IP: '192.0.2.1' };
    const stack = (side: 'server' | 'worker') =>
      new ComposeStack({ name: cluster.project(side), dir, file: `docker-compose.${side}.yml`, env });
    const [server, worker] = [stack('server'), stack('worker')];
    // The packages, which a change of sources leaves as they are.
    await worker.compose('build', 'worker-service');
    return services.map((service) => ({
      name: service,
      run: () => measure(dir, service === 'worker-service' ? worker : server, service),
    }));
  },
};

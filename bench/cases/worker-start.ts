// How long after `just worker` the first job is done, against what the engine needs to start any container at all.

import { spawn } from 'node:child_process';
import { dockerOutput, until } from '@jobstorm/testkit';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { baseImage, ContainerCluster, whyNoEngine } from '../container-cluster.ts';

/** From the command until its program says something. */
async function bareStart(): Promise<Record<string, number>> {
  const startMs = performance.now();
  const child = spawn('docker', ['run', '--rm', baseImage, 'echo', 'up'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => child.once('close', resolve));
  const upMs = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', () => resolve(performance.now() - startMs));
    child.once('exit', (code) => code !== 0 && reject(new Error(`docker run ended with exit code ${code}`)));
  });
  await gone;
  return { startS: upMs / 1000 };
}

/** `start` types the command. */
async function workerStart(cluster: ContainerCluster, start: () => Promise<void>): Promise<Record<string, number>> {
  await cluster.just('server');
  const client = await cluster.connect();
  try {
    await client.pushBulk(
      Array.from({ length: 10 }, (_, i) => ({ jid: `start-${i}-of-10`, jobtype: 'noop', args: [], queue: 'jobstorm' })),
    );
    const before = (await client.info()).faktory.total_processed;
    const startMs = performance.now();
    const ended = start().then(() => performance.now() - startMs);
    const done = async () => (await client.info()).faktory.total_processed > before && performance.now() - startMs;
    const [doneMs, promptMs] = await Promise.all([
      until('the first job to be done', done, { timeoutMs: 120_000, intervalMs: 20 }),
      ended,
    ]);
    return { startS: doneMs / 1000, promptS: promptMs / 1000 };
  } finally {
    await client.close();
    await cluster.just('down');
  }
}

export const workerStartCase: BenchCase = {
  name: 'worker-start',
  about: 'from `just worker 6000 8.0` to the first job done, and from `docker run` to a bare container (needs Docker)',
  realFaktory: 'unused',
  columns: [
    { key: 'startS', title: 's until it works', digits: 2 },
    { key: 'promptS', title: 's until the prompt', digits: 2 },
  ],
  figures: [
    { what: 'a bare container', value: readingOf('docker run', 'startS'), digits: 2, unit: ' s' },
    {
      what: 'more than that until the first job is done',
      value: (median) => {
        const [worker, bare] = [median('just worker', 'startS'), median('docker run', 'startS')];
        return worker === null || bare === null ? null : worker - bare;
      },
      digits: 2,
      unit: ' s',
      atMost: 2,
    },
    {
      what: 'of that, npx and just',
      value: (median) => {
        const [just, bare] = [median('just worker', 'startS'), median('up worker', 'startS')];
        return just === null || bare === null ? null : just - bare;
      },
      digits: 2,
      unit: ' s',
    },
  ],
  async sides({ note }): Promise<Side[]> {
    const whyNot = await whyNoEngine();
    if (whyNot) {
      note(whyNot);
      return [];
    }
    const cluster = await ContainerCluster.make();
    // The images, which are no part of a start.
    await cluster.just('dev', '10', '0.5');
    await cluster.just('down');
    await dockerOutput(['run', '--rm', baseImage, 'true']);
    return [
      { name: 'docker run', run: bareStart },
      { name: 'just worker', run: () => workerStart(cluster, () => cluster.just('worker', '6000', '8.0')) },
      { name: 'up worker', run: () => workerStart(cluster, () => cluster.jobstorm('up', 'worker', '6000', '8.0')) },
    ];
  },
};

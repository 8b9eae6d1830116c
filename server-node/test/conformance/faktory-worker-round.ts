// A produce, consume, fail and retry round with the npm package faktory-worker, as its users write it. What it saw is
// returned as plain data, so that the rounds on two servers can be compared.

import { until } from '@jobstorm/testkit';
import faktory from 'faktory-worker';

const queue = 'faktory-worker-round';

interface Seen {
  sums: number[];
  /** For every run of the flaky job: its retry_count before, null on the first. */
  flakyRuns: (number | null)[];
  customSeen: unknown;
  /** Events `fail` of the Worker. */
  failEvents: string[];
}

function startWorker(url: string, seen: Seen) {
  const worker = new faktory.Worker({ url, queues: [queue], concurrency: 4, beatInterval: 1, wid: 'round-worker' });
  worker.register('add', (...args: unknown[]) => {
    seen.sums.push(Number(args[0]) + Number(args[1]));
  });
  worker.register('flaky', () => ({ job }: { job: { failure?: { retry_count: number }; custom?: unknown } }) => {
    seen.flakyRuns.push(job.failure?.retry_count ?? null);
    seen.customSeen = job.custom;
    if (seen.flakyRuns.length === 1) throw new Error('the first time never works');
  });
  worker.on('fail', ({ error }: { error: Error }) => seen.failEvents.push(error.message));
  return worker.work();
}

/** The parts of INFO that the package's own types leave out as well. */
interface Info {
  faktory: {
    queues: Record<string, number>;
    sets: Record<string, number>;
    total_processed: number;
    total_failures: number;
  };
  server: { description: string };
}

/** Runs the round and resolves with what client and worker saw. */
export async function faktoryWorkerRound(url: string): Promise<object> {
  const seen: Seen = { sums: [], flakyRuns: [], customSeen: null, failEvents: [] };
  const client = new faktory.Client({ url });
  const job = (jobtype: string, ...args: unknown[]) => Object.assign(client.job(jobtype, ...args), { queue });
  try {
    await client.push(job('add', 1, 2));
    const rejected = await client.pushBulk([
      job('add', 3, 4),
      job('add', 5, 6),
      Object.assign(job('add'), { queue: 'no way' }),
    ]);
    const worker = await startWorker(url, seen);
    await until('the sums', () => seen.sums.length === 3);
    await client.push(Object.assign(job('flaky'), { custom: { note: 'kept' } }));
    await until('the failure to be told', () => seen.failEvents.length === 1);
    await client.retries.ofType('flaky').requeue();
    await until('the second run', () => seen.flakyRuns.length === 2);
    await worker.stop();
    const byHand = await client.push(job('add', 7, 8));
    const fetched = await client.fetch(queue);
    const acknowledged = await client.ack(fetched?.jid ?? '');
    const { faktory: counts, server } = (await client.info()) as unknown as Info;
    return {
      ...seen,
      sums: seen.sums.sort((a, b) => a - b),
      reasons: Object.values(rejected).map(({ reason }) => reason),
      byHand: fetched?.jid === byHand && acknowledged === 'OK' ? fetched.args : null,
      left: { ...counts.queues },
      sets: counts.sets,
      processed: counts.total_processed,
      failures: counts.total_failures,
      description: server.description,
      afterFlush: await client.flush(),
    };
  } finally {
    await client.close();
  }
}

/** What any right server leads to. */
export const expectedRound = {
  sums: [3, 7, 11],
  flakyRuns: [null, 0],
  customSeen: { note: 'kept' },
  failEvents: ['the first time never works'],
  reasons: ['cannot get "no way" queue: queue names must match \\A[a-zA-Z0-9._-]+\\z'],
  byHand: [7, 8],
  left: { [queue]: 0 },
  sets: { dead: 0, retries: 0, scheduled: 0, working: 0 },
  processed: 6,
  failures: 1,
  description: 'Faktory',
  afterFlush: 'OK',
};

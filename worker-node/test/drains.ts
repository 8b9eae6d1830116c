// Workers that are stopped by SIGTERM in the middle of full load, many times over, whatever the server.

import assert from 'node:assert/strict';
import type { Client } from '@jobstorm/protocol';
import { until } from '@jobstorm/testkit';
import { built, type ChildWorker, spawnWorker } from './child-worker.ts';
import { queue } from './worker-rig.ts';

export const isFull = process.env.JOBSTORM_TEST_FULL === '1';
const patient = { timeoutMs: 60_000, intervalMs: 10 };
const atOnce = 5;
/** Real Faktory gives its Redis little time for a PUSHB, which on a busy machine is not enough for many. */
const jobsAPush = 200;

export interface DrainOptions {
  /** Of a server without jobs. */
  url: string;
  client: Client;
  /** Queued at the start of each wave: more than its workers can do before they are told to stop. */
  jobs: number;
  /** Workers stopped in all. */
  stops: number;
}

async function figures(client: Client) {
  const { total_enqueued, total_processed, total_failures, sets } = (await client.info()).faktory;
  return { queued: total_enqueued, processed: total_processed, failures: total_failures, working: sets!.working! };
}

async function push(client: Client, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += jobsAPush) {
    const jobs = Array.from({ length: Math.min(jobsAPush, from + count - at) }, (_, i) => ({
      ...{ jid: `job-drain-${at + i}`, jobtype: 'sleep', args: [20 + ((at + i) % 40)] },
      ...{ queue, retry: 0, reserve_for: 600 },
    }));
    assert.deepEqual(await client.pushBulk(jobs), {});
  }
}

/** Stops that many workers, a few at a time, each at another moment of a run; afterwards no job is reserved, failed or gone. */
export async function drainAgainAndAgain({ url, client, jobs, stops }: DrainOptions): Promise<void> {
  let pushed = 0;
  const workers: ChildWorker[] = [];
  try {
    for (let stopped = 0; stopped < stops; stopped += atOnce) {
      const before = await figures(client);
      const more = Math.max(0, jobs - before.queued);
      await push(client, pushed, more);
      pushed += more;
      const wave = Array.from({ length: Math.min(atOnce, stops - stopped) }, () =>
        spawnWorker(['100', '1', '--url', url], {}, built),
      );
      workers.push(...wave);
      await Promise.all(wave.map(({ ready }) => ready));
      for (const [at, { child }] of wave.entries()) {
        const enough = before.processed + 150 * (at + 1);
        await until('work', async () => (await figures(client)).processed >= enough, patient);
        child.kill('SIGTERM');
      }
      for (const { exit, output } of wave) assert.equal(await exit, 0, output());
      const { queued, processed, working, failures } = await figures(client);
      assert.deepEqual({ working, failures }, { working: 0, failures: 0 }, `after ${stopped + wave.length} stops`);
      assert.equal(queued + processed, pushed);
      assert.ok(queued > 0, 'they were stopped in mid-run');
    }
  } finally {
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map(({ exit }) => exit));
  }
}

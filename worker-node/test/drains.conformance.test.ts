// The same on real Faktory, and what takes minutes there: networks and workers that are away for longer than a server waits.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { FaultProxy, type RealFaktory, startRealFaktory, until } from '@jobstorm/testkit';
import { withWorker } from './child-worker.ts';
import { drainAgainAndAgain, isFull } from './drains.ts';
import { queue } from './worker-rig.ts';

const stops = isFull ? 100 : 10;
const patient = { timeoutMs: 300_000, intervalMs: 100 };
const forMinutes = { skip: isFull ? false : 'it takes minutes: just test-full' };

let faktory: RealFaktory;
let client: Client;

before(async () => {
  faktory = await startRealFaktory();
  client = await Client.connect({ address: parseServerUrl(faktory.url) });
});

after(async () => {
  await client?.close();
  await faktory?.close();
});

const info = async () => (await client.info()).faktory;
const busy = async () => (await info()).tasks.Busy!.size!;

async function isEmpty(): Promise<boolean> {
  const { total_enqueued, sets } = await info();
  return total_enqueued === 0 && sets!.working === 0 && sets!.retries === 0;
}

async function pushSleeps(count: number, ms: number): Promise<void> {
  for (let at = 0; at < count; at += 200) {
    const jobs = Array.from({ length: Math.min(200, count - at) }, (_, i) => ({
      ...{ jid: `job-sleep-${at + i}`, jobtype: 'sleep', args: [ms] },
      ...{ queue, retry: 5, reserve_for: 60 },
    }));
    assert.deepEqual(await client.pushBulk(jobs), {});
  }
}

test(`SIGTERM under full load, ${stops} times: no reservation is left, no job failed or is gone`, async () => {
  await drainAgainAndAgain({ url: faktory.url, client, jobs: 6000, stops });
});

test('a partition of 30 s: 5 s after it all slots work again, and no job is lost', forMinutes, async () => {
  await client.flush();
  const proxy = await FaultProxy.start(faktory);
  const [slots, jobs] = [200, 60_000];
  try {
    await pushSleeps(jobs, 200);
    await withWorker([String(slots), '1', '--url', proxy.url], async ({ child, exit }) => {
      await until('all slots to work', async () => (await busy()) >= slots * 0.9, patient);
      proxy.blackhole();
      const { total_processed: dark } = await info();
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      proxy.heal();
      const atWork = async () => (await info()).total_processed > dark + slots * 3;
      await until('as much work as before', atWork, { timeoutMs: 5000 });
      await until('all to be done', isEmpty, patient);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
    });
  } finally {
    await proxy.close();
  }
  const { total_processed, total_failures } = await info();
  assert.equal(total_processed - total_failures, jobs, 'each was acknowledged once');
});

test('a worker that is frozen for 80 s is reaped, registers again and drains', forMinutes, async () => {
  await client.flush();
  const reaped = async () => (await info()).tasks.Workers!.reaped!;
  const before = await reaped();
  await pushSleeps(5000, 20);
  await withWorker(['50', '1', '--url', faktory.url], async ({ child, exit, processes }) => {
    await until('work', async () => (await info()).total_processed > 200, patient);
    const pids = [child.pid!, ...processes()];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await until('it to be reaped', async () => (await reaped()) > before, patient);
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await until('all to be done', isEmpty, patient);
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
  });
  const { total_processed, total_failures } = await info();
  assert.equal(total_processed - total_failures, 5000);
});

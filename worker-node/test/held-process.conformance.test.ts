// Of a minute and a half, in a file of its own: others run beside it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startRealFaktory, until } from '@jobstorm/testkit';
import { withWorker } from './child-worker.ts';
import { queue } from './worker-rig.ts';

const patient = { timeoutMs: 60_000, intervalMs: 50 };

test('a handler that holds its process for longer than the server waits for a heartbeat does not get it reaped', async (t) => {
  const faktory = await startRealFaktory();
  t.after(() => faktory.close());
  const client = await Client.connect({ address: parseServerUrl(faktory.url) });
  t.after(() => client.close());
  const tasks = async () => (await client.info()).faktory.tasks;
  const reaped = async () => (await tasks()).Workers!.reaped!;
  const before = await reaped();
  await withWorker(['20', '1', '--url', faktory.url], async ({ child, exit }) => {
    // The server looks every 15 seconds for workers that were silent for 60.
    await client.push({ jid: 'job-held-01', jobtype: 'spin', args: [80_000], queue, retry: 0, reserve_for: 600 });
    await until('it to run', async () => (await tasks()).Busy!.size === 1, patient);
    await until('it to end', async () => (await tasks()).Busy!.size === 0, {
      ...patient,
      timeoutMs: 110_000,
    });
    assert.equal(await reaped(), before);
    await client.push({ jid: 'job-held-02', jobtype: 'noop', args: [], queue, retry: 0 });
    await until('the next to be done', async () => (await client.info()).faktory.total_processed === 2, patient);
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
  });
});

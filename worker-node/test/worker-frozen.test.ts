import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { withWorker } from './child-worker.ts';
import { handClock, patient, untilDone } from './trouble.ts';
import { pushMany, withServer } from './worker-rig.ts';

test('a worker that is frozen for longer than the server waits is reaped, registers again and drains', async () => {
  const clock = handClock();
  await withServer(
    async ({ server, client, counts }) => {
      await withWorker(['20', '1', '--url', server.url], async ({ child, exit, processes }) => {
        const total = 3000;
        await pushMany(client, total, 'sleep', [5], 5);
        await until('work', () => counts().processed > 100, patient);
        const pids = [child.pid!, ...processes()];
        for (const pid of pids) process.kill(pid, 'SIGSTOP');
        clock.advance(100_000);
        const { tasks } = server.info().faktory;
        assert.equal(tasks.Workers.reaped, 0);
        await until('it to be reaped', () => server.info().faktory.tasks.Workers.reaped === 1, patient);
        assert.ok(counts().queued > 0);
        for (const pid of pids) process.kill(pid, 'SIGCONT');
        await until('the queue to be empty', () => counts().queued === 0, patient);
        await untilDone(clock, () => counts().processed - counts().failures === total);
        assert.equal(server.info().faktory.tasks.Workers.size, 1);
        child.kill('SIGTERM');
        assert.equal(await exit, 0);
      });
    },
    { server: { clock } },
  );
});

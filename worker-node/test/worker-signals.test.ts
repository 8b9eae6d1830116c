// What `jobstorm worker` does when it is told to end, in all the ways that there are, and when it is killed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAlive, until } from '@jobstorm/testkit';
import { withWorker } from './child-worker.ts';
import { pushMany, withServer } from './worker-rig.ts';

const patient = { timeoutMs: 30_000, intervalMs: 20 };

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} in mid-run: no reservation is left, every job is done or queued, no process stays`, async () => {
    await withServer(async ({ server, client, counts }) => {
      const total = 20_000;
      await pushMany(client, total);
      await withWorker(['200', '2', '--url', server.url], async ({ child, exit, processes, output }) => {
        await until('a good part to be done', () => counts().processed > 1000, patient);
        const pids = processes();
        assert.ok(pids.length >= 1);
        child.kill(signal);
        assert.equal(await exit, 0);
        const { queued, processed, working, failures } = counts();
        assert.equal(working, 0);
        assert.equal(failures, 0);
        assert.equal(queued + processed, total);
        assert.ok(queued > 0, 'it was stopped in mid-run');
        assert.deepEqual(pids.filter(isAlive), []);
        assert.doesNotMatch(output(), /unexpected|died/);
      });
    });
  });
}

test('a supervisor that is killed leaves no process; every job is done, queued, or reserved by a slot of then', async () => {
  const slots = 50;
  await withServer(
    async ({ server, client, counts }) => {
      await withWorker([String(slots), '2', '--url', server.url], async ({ child, exit, processes }) => {
        await pushMany(client, 5000);
        await until('some to be done', () => counts().processed > 200, patient);
        const pids = processes();
        assert.ok(pids.length >= 1);
        child.kill('SIGKILL');
        assert.equal(await exit, 'SIGKILL');
        await until('the processes to end', () => !pids.some(isAlive), patient);
        // They have 1.7 seconds to end in good order, which on a starved machine may not be enough.
        assert.ok(counts().working <= slots + 100, `${counts().working} reservations`);
        assert.equal(counts().queued + counts().processed + counts().working, 5000);
        await client.flush();
      });
    },
    { reserved: 'any' },
  );
});

test('when the supervisor is killed its processes follow within seconds, also one that a handler holds', async () => {
  await withServer(
    async ({ server, push, counts }) => {
      await withWorker(['20', '1', '--url', server.url], async ({ child, exit, processes }) => {
        await push('spin', [600_000]);
        await until('the job to run', () => counts().working === 1, patient);
        const pids = processes();
        assert.equal(pids.length, 1);
        child.kill('SIGKILL');
        assert.equal(await exit, 'SIGKILL');
        await until('its process to follow', () => !pids.some(isAlive), { timeoutMs: 10_000, intervalMs: 20 });
      });
    },
    { reserved: 1 },
  );
});

test('when the supervisor is killed, jobs that run are FAILed, so that they come back soon', async () => {
  await withServer(async ({ server, push, counts }) => {
    await withWorker(['20', '1', '--url', server.url], async ({ child, exit, processes }) => {
      await push('sleep', [600_000]);
      await until('the job to run', () => counts().working === 1, patient);
      const pids = processes();
      child.kill('SIGKILL');
      await exit;
      await until('its process to follow', () => !pids.some(isAlive), { timeoutMs: 10_000, intervalMs: 20 });
      assert.deepEqual([counts().working, counts().retries], [0, 1]);
    });
  });
});

test('a second SIGTERM ends it at once, and its processes with it', async () => {
  await withServer(
    async ({ server, push, counts }) => {
      await withWorker(['20', '1', '--url', server.url], async ({ child, exit, processes, output }) => {
        await push('spin', [600_000]);
        await until('the job to run', () => counts().working === 1, patient);
        const pids = processes();
        child.kill('SIGTERM');
        await until('it to stop', () => server.info().server.connections < 4, { timeoutMs: 1000 }).catch(() => {});
        child.kill('SIGTERM');
        assert.equal(await exit, 105, output());
        await until('its process to follow', () => !pids.some(isAlive), { timeoutMs: 10_000, intervalMs: 20 });
      });
    },
    { reserved: 1 },
  );
});

test('SIGUSR2: it fetches no more and ends when what runs is done', async () => {
  await withServer(async ({ server, push, counts }) => {
    await withWorker(['20', '1', '--url', server.url], async ({ child, exit, output }) => {
      await push('sleep', [1500]);
      await until('the job to run', () => counts().working === 1, patient);
      child.kill('SIGUSR2');
      assert.equal(await exit, 0);
      assert.match(output(), /leaving: no more jobs are fetched/);
      assert.deepEqual([counts().processed, counts().failures], [1, 0]);
    });
  });
});

test('SIGTSTP: what runs goes on, nothing is fetched; SIGTERM then ends it', async () => {
  await withServer(async ({ server, push, counts }) => {
    await withWorker(['20', '1', '--url', server.url], async ({ child, exit }) => {
      await push('sleep', [1500]);
      await until('the job to run', () => counts().working === 1, patient);
      const connections: number[] = [server.info().server.connections];
      child.kill('SIGTSTP');
      await until(
        'the connections that fetch to have ended',
        () => {
          connections.push(server.info().server.connections);
          const lately = connections.slice(-10);
          return lately.length === 10 && lately.every((count) => count === lately[0] && count < connections[0]!);
        },
        patient,
      );
      await push('add', [1, 2]);
      await until('the job to be done', () => counts().processed === 1, patient);
      assert.equal(counts().queued, 1);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
      assert.deepEqual([counts().queued, counts().working], [1, 0]);
    });
  });
});

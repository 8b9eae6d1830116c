import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { leaveSignal, type OldWorker, rollOver } from '../src/roll-over.ts';
import { type ChildWorker, spawnWorker } from './child-worker.ts';
import { queue, withServer } from './worker-rig.ts';

test('the new one is there before the old one leaves, one after the other', async () => {
  const events: string[] = [];
  const old = (name: string): OldWorker => ({
    async leave() {
      events.push(`${name} leaves`);
    },
  });
  let started = 0;
  await rollOver([old('one'), old('two')], async () => {
    events.push(`new ${++started}`);
  });
  assert.deepEqual(events, ['new 1', 'one leaves', 'new 2', 'two leaves']);
});

test('when a new one can not be started, the old ones stay', async () => {
  const stays: OldWorker = { leave: () => assert.fail('it was told to leave') };
  await assert.rejects(
    rollOver([stays], () => Promise.reject(new Error('no room'))),
    /no room/,
  );
});

test('under load no job fails and none is lost or done twice', async () => {
  await withServer(async ({ server, client, counts }) => {
    const argv = ['50', '1', '--url', server.url];
    const workers: ChildWorker[] = [];
    const start = async () => {
      const worker = spawnWorker(argv);
      workers.push(worker);
      await worker.ready;
    };
    let pushing = true;
    let pushed = 0;
    const load = async () => {
      while (pushing) {
        const jobs = Array.from({ length: 20 }, () => ({
          ...{ jid: `job-${String(pushed++).padStart(8, '0')}`, jobtype: 'sleep', args: [30], queue },
          ...{ retry: 0, reserve_for: 600 },
        }));
        assert.deepEqual(await client.pushBulk(jobs), {});
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    try {
      await start();
      const loading = load();
      await until('work', () => counts().processed > 100, { timeoutMs: 30_000 });
      const [first] = workers;
      const leave = async ({ child, exit }: ChildWorker) => {
        child.kill(leaveSignal);
        assert.equal(await exit, 0);
      };
      await rollOver([{ leave: () => leave(first!) }], start);
      const second = workers[1]!;
      const before = counts().processed;
      await until('the next to work', () => counts().processed > before + 100, { timeoutMs: 30_000 });
      await rollOver([{ leave: () => leave(second) }], start);
      pushing = false;
      await loading;
      await until('all to be done', () => counts().queued === 0 && counts().working === 0, { timeoutMs: 30_000 });
      assert.deepEqual([counts().processed, counts().failures], [pushed, 0]);
    } finally {
      pushing = false;
      for (const worker of workers) worker.kill();
      await Promise.all(workers.map(({ exit }) => exit));
    }
  });
});

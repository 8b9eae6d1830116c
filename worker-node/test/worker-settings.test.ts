// `jobstorm worker` and its control room: who it says that it is, and settings that come from there.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessKey } from '@jobstorm/program';
import { startServer } from '@jobstorm/server-node';
import { FakeRoom, until } from '@jobstorm/testkit';
import { withWorker } from './child-worker.ts';
import { withServer } from './worker-rig.ts';

const patient = { timeoutMs: 30_000, intervalMs: 20 };

test('it shows the key of the password, and the name that its host was given', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'secret' });
  const room = await FakeRoom.start();
  try {
    const env = { FAKTORY_PASSWORD: 'secret', JOBSTORM_HOST: 'rack-7', JOBSTORM_CONTROL: room.url };
    await withWorker(
      ['10', '1', '--url', server.url],
      async ({ child, exit, output }) => {
        await until('it to say hello', () => room.hellos.length === 1, patient);
        assert.equal(room.hellos[0]!.host, 'rack-7');
        assert.deepEqual(room.authorizations, [`Bearer ${accessKey('secret')}`]);
        assert.ok(!output().includes('secret') && !output().includes(accessKey('secret')));
        child.kill('SIGTERM');
        assert.equal(await exit, 0);
      },
      env,
    );
  } finally {
    await room.close();
    await server.close();
  }
});

test('slots and queues that the control room tells any one process hold for the whole worker', async () => {
  const room = await FakeRoom.start();
  try {
    await withServer(async ({ server, push, counts }) => {
      await withWorker(
        ['10', '2', '--url', server.url, '--control', room.url],
        async ({ child, exit, output, processes }) => {
          const count = processes().length;
          await until('all to say hello', () => room.hellos.length === count, patient);
          room.send('{"type":"settings","number":1,"worker":5}');
          room.send({ type: 'settings', number: 2, worker: { slots: 'many' } });
          await until('the refusal', () => /settings that can't be: slots: got "many"/.test(output()), patient);
          room.send({ type: 'settings', number: 3, worker: { slots: 24, queues: ['other', 'jobstorm'] } }, 0);
          const told = () => room.heard.filter(({ type }) => type === 'worker').slice(-count);
          const total = () => told().reduce((sum, each) => sum + (each.slots as { total: number }).total, 0);
          const answers = () => room.heard.filter(({ type }) => type === 'settings');
          await until('the answers', () => answers().some(({ number }) => number === 3), patient);
          assert.deepEqual(
            answers().filter(({ number, refusal }) => number === 2 && /^slots: got "many"/.test(String(refusal)))
              .length,
            count,
            'every process says what the supervisor said',
          );
          const { inForce, refusal } = answers().find(({ number }) => number === 3)!;
          assert.equal(refusal, null);
          assert.deepEqual((inForce as { queues: string[] }).queues, ['other', 'jobstorm']);
          assert.equal(output().match(/settings that can't be/g)!.length, 1, 'it is said once');
          await until('the slots to add up to what was asked', () => total() === 24, patient);
          await push('add', [1, 2], { queue: 'other' });
          await until('the job of the other queue to be done', () => counts().processed === 1, patient);
          child.kill('SIGTERM');
          assert.equal(await exit, 0);
        },
      );
    });
  } finally {
    await room.close();
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@jobstorm/protocol';
import { isAlive, until } from '@jobstorm/testkit';
import { checkout, connect } from './checkout.ts';

const patient = { timeoutMs: 60_000, intervalMs: 50 };

/** Pushes jobs until told to stop, and then says how many. */
function load(client: Client): () => Promise<number> {
  let on = true;
  let pushed = 0;
  const pushing = (async () => {
    while (on) {
      const jobs = Array.from({ length: 10 }, () => ({
        ...{ jid: `rolling-${pushed++}`, jobtype: 'sleep', args: [50], queue: 'jobstorm' },
        ...{ retry: 0, reserve_for: 600 },
      }));
      assert.deepEqual(await client.pushBulk(jobs), {});
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  })();
  return async () => {
    on = false;
    await pushing;
    return pushed;
  };
}

const figures = async (client: Client) => {
  const { total_processed, total_failures, total_enqueued, sets } = (await client.info()).faktory;
  return { processed: total_processed, failures: total_failures, left: total_enqueued + sets!.working! };
};

test('rolling under load: no job fails, none is lost, and the new worker is there before the old one leaves', async (t) => {
  const { engine, told, ports, serverPlan, workerPlan, pidOf } = await checkout(t);
  await engine.upServer(serverPlan);
  await engine.upWorker({ ...workerPlan, rolling: true, concurrency: 30 });
  const first = pidOf('worker')!;
  const client = await connect(ports.faktory);
  const stop = load(client);
  await until('work', async () => (await figures(client)).processed > 50, patient);
  await engine.upWorker({ ...workerPlan, rolling: true, concurrency: 31 });
  const second = pidOf('worker')!;
  assert.notEqual(second, first);
  assert.deepEqual([isAlive(first), isAlive(second)], [false, true]);
  const order = told.filter((line) => /^worker/.test(line)).slice(1);
  assert.deepEqual(order, [
    `worker started (pid ${second})`,
    `worker (pid ${first}) leaves when its jobs are done`,
    `worker (pid ${first}) has left`,
  ]);
  const before = (await figures(client)).processed;
  await until('the new one to work', async () => (await figures(client)).processed > before + 50, patient);
  const pushed = await stop();
  await until('all to be done', async () => (await figures(client)).left === 0, patient);
  assert.deepEqual(await figures(client), { processed: pushed, failures: 0, left: 0 });
  const workers = (await engine.status()).filter(({ part }) => part === 'worker');
  assert.deepEqual(
    workers.map(({ name, state }) => [name, state]),
    [[`pid ${second}`, 'running']],
  );
  await client.close();
});

test('rolling: a new worker that can not start changes nothing', async (t) => {
  const { engine, serverPlan, workerPlan, pidOf } = await checkout(t);
  await engine.upServer(serverPlan);
  await engine.upWorker(workerPlan);
  const first = pidOf('worker')!;
  await assert.rejects(
    engine.upWorker({ ...workerPlan, rolling: true, concurrency: 0 }),
    /expected a whole number of slots/,
  );
  assert.equal(pidOf('worker'), first);
  assert.ok(isAlive(first));
  assert.equal((await engine.status()).length, 4);
});

test('rolling, interrupted while the old one has a long job: it leaves all the same, is shown, and down ends it', async (t) => {
  const { engine, told, ports, serverPlan, workerPlan, pidOf } = await checkout(t, { graceMs: { worker: 500 } });
  await engine.upServer(serverPlan);
  await engine.upWorker(workerPlan);
  const first = pidOf('worker')!;
  const client = await connect(ports.faktory);
  await client.push({ jid: 'job-long', jobtype: 'sleep', args: [600_000], queue: 'jobstorm' });
  await until('it to run', async () => (await client.info()).faktory.sets!.working === 1, patient);
  const rolling = engine.upWorker({ ...workerPlan, rolling: true });
  rolling.catch(() => {});
  await until('the old one to be told', () => told.some((line) => /leaves when its jobs are done/.test(line)), patient);
  process.emit('SIGINT');
  await assert.rejects(rolling, { code: 'EINTERRUPTED' });
  const second = pidOf('worker')!;
  assert.deepEqual([isAlive(first), isAlive(second)], [true, true]);
  const states = (await engine.status())
    .filter(({ part }) => part === 'worker')
    .map(({ name, state }) => [name, state]);
  assert.deepEqual(states, [
    [`pid ${first}`, 'leaving'],
    [`pid ${second}`, 'running'],
  ]);
  await client.push({ jid: 'job-short', jobtype: 'noop', args: [], queue: 'jobstorm' });
  await until('the new one to work', async () => (await figures(client)).processed === 1, patient);
  await client.close();
  const ended = (await engine.down('worker')).join('\n');
  for (const pid of [first, second]) assert.match(ended, new RegExp(`worker \\(pid ${pid}\\)`));
  assert.deepEqual([isAlive(first), isAlive(second)], [false, false]);
});

// Every method of Client against real Faktory, with and without a password.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { startRealFaktory } from '@jobstorm/testkit';
import { Client, Connection, type Job, parseServerUrl, ServerError } from '../src/index.ts';
import { outcomes, Stage } from './stage.ts';

const job = (queue: string, more: Partial<Job> = {}): Job => ({
  jid: randomUUID(),
  jobtype: 'add',
  args: [1, 2],
  queue,
  retry: 0,
  ...more,
});

for (const password of [null, 'pä:ss/w@rd 100%']) {
  test(`real Faktory ${password === null ? 'without' : 'with'} a password`, async (t) => {
    const stage = new Stage(t);
    const faktory = await startRealFaktory({ password });
    stage.onEnd(() => faktory.close());
    const address = parseServerUrl(faktory.url);
    assert.equal(address.password, password);
    const wid = randomUUID();
    const client = await Client.connect({
      address,
      worker: { wid, hostname: 'host', pid: process.pid, labels: ['test'] },
    });
    stage.onEnd(() => client.close());

    await t.test('push, fetch and ack', async () => {
      const args = ['é😀\u2028\u0000\n<&>', { b: 1, a: [null, true, 1.5] }, 'x'.repeat(300_000)];
      const pushed = job('one', { args, custom: { run: 'r', seq: 0, due: 1_700_000_000_000_000 } });
      await client.push(pushed);
      const fetched = await client.fetch(['one']);
      assert.deepEqual({ ...fetched, created_at: '', enqueued_at: '' }, { ...pushed, created_at: '', enqueued_at: '' });
      await client.ack(pushed.jid);
      const { faktory: counts, server } = await client.info();
      assert.equal(counts.total_processed, 1);
      assert.equal(counts.queues.one, 0);
      assert.equal(server.description, 'Faktory');
    });

    await t.test('a refused job is a ServerError, and refused ones of a bulk are told by jid', async () => {
      await assert.rejects(
        client.push(job('two', { jobtype: '' })),
        (error) => error instanceof ServerError && error.code === 'ERR' && /must have a jobtype/.test(error.message),
      );
      const [good, bad] = [job('two'), job('two', { jobtype: '' })];
      assert.deepEqual(await client.pushBulk([good, bad]), { [bad.jid]: 'jobs must have a jobtype parameter' });
      assert.deepEqual(await client.pushBulkTexts([JSON.stringify(job('two', { args: ['日本'] }))]), {});
      assert.deepEqual(await client.pushBulk([]), {});
      assert.equal((await client.info()).faktory.queues.two, 2);
    });

    await t.test('fetch gives null when no job comes, and takes the leftmost queue first', async () => {
      assert.equal(await client.fetch(['empty']), null);
      await client.push(job('three'));
      assert.equal((await client.fetch(['empty', 'three', 'two']))?.queue, 'three');
    });

    await t.test('fail', async () => {
      await client.push(job('four', { retry: 5 }));
      const fetched = await client.fetch(['four']);
      assert.ok(fetched);
      await client.fail(fetched.jid, { errtype: 'TypeError', message: 'no\nluck', backtrace: ['one', 'two'] });
      assert.equal((await client.info()).faktory.tasks.Retries?.size, 1);
      await assert.rejects(client.fail(fetched.jid, { errtype: 'E', message: 'm' }), /Job not found/);
    });

    await t.test('mutate, also with blanks in the filter', async () => {
      const sizes = async () => {
        const { tasks } = (await client.info()).faktory;
        return [tasks.Scheduled?.size, tasks.Retries?.size, tasks.Dead?.size];
      };
      await client.mutate({ cmd: 'kill', target: 'retries', filter: { jobtype: 'two words' } });
      assert.deepEqual(await sizes(), [0, 1, 0]);
      await client.mutate({ cmd: 'kill', target: 'retries', filter: { jobtype: 'add' } });
      assert.deepEqual(await sizes(), [0, 0, 1]);
      await client.push(job('five', { jobtype: 'two words', at: '2999-01-01T00:00:00Z' }));
      await client.mutate({ cmd: 'discard', target: 'scheduled', filter: { jobtype: 'two words' } });
      await client.mutate({ cmd: 'clear', target: 'dead' });
      assert.deepEqual(await sizes(), [0, 0, 0]);
    });

    await t.test('queues can be paused, resumed, asked and removed', async () => {
      await client.push(job('six'));
      await client.pauseQueues(['six']);
      assert.equal(await client.fetch(['six']), null);
      const ages = await client.queueLatency(['six', 'empty']);
      assert.ok(ages.six! > 0);
      assert.equal(ages.empty, 0);
      await client.resumeQueues(['*']);
      assert.ok(await client.fetch(['six']));
      await client.removeQueues(['six']);
      assert.equal((await client.info()).faktory.queues.six, undefined);
    });

    await t.test('beat', async () => {
      assert.equal(await client.beat(wid, { rssKb: 1000 }), 'running');
      assert.equal(await client.beat(wid, { currentState: 'quiet' }), 'quiet');
      assert.equal(await client.beat(wid), 'quiet');
      assert.equal(await client.beat(wid, { currentState: 'terminate' }), 'terminate');
      await assert.rejects(client.beat('nobody-knows'), /unknown worker nobody-knows/);
    });

    await t.test('flush', async () => {
      await client.flush();
      assert.equal((await client.info()).faktory.total_enqueued, 0);
    });

    await t.test('a thousand calls in a pipeline, answered in order', async () => {
      const jobs = Array.from({ length: 1000 }, (_, i) => job('seven', { args: [i, '€'.repeat(i % 50)] }));
      await Promise.all(jobs.map((each) => client.push(each)));
      const producer = await Client.connect({ address });
      stage.onEnd(() => producer.close());
      const fetched = await Promise.all(jobs.map(() => producer.fetch(['seven'])));
      assert.deepEqual(
        fetched.map((each) => each?.args),
        jobs.map(({ args }) => args),
      );
      await Promise.all(fetched.map((each) => producer.ack(each!.jid)));
      const { total_processed, sets } = (await client.info()).faktory;
      assert.deepEqual([total_processed, sets?.working], [1000, 0]);
    });

    await t.test('finish drains a FETCH that blocks', async () => {
      const connection = await Connection.open({ address });
      const waiting = connection.call('FETCH nothing');
      await connection.finish();
      assert.equal(await waiting, null);
      assert.equal(await connection.closed, null);
    });

    if (password === null) return;
    await t.test('a wrong password, and none, are EPASSWORD', async () => {
      const { host, port } = address;
      assert.deepEqual(
        await outcomes([
          Client.connect({ address: { host, port, password: 'wrong' } }),
          Client.connect({ address: { host, port, password: null } }),
        ]),
        ['EPASSWORD', 'EPASSWORD'],
      );
    });
  });
}

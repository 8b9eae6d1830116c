// POST /jobs/batch over a fake sink.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConnectionError } from '@jobstorm/protocol';
import { Held } from '../src/held.ts';
import { maxBatchBodyBytes, maxBulkPushes } from '../src/limits.ts';
import { Held as Later } from './fake-sink.ts';
import { testApp } from './test-app.ts';

const add = (a: number, more: object = {}) => ({ type: 'add', args: { a, b: 1 }, ...more });
const adds = (count: number) => Array.from({ length: count }, (_, a) => add(a));

describe('POST /jobs/batch', () => {
  test('jobs go out in PUSHBs of BATCH_MAX_SIZE, in order, and their ids come back in order', async () => {
    const { post, sink, meter, held } = testApp({ batch: { maxSize: 3 } });
    const { status, body } = await post('/jobs/batch', { jobs: adds(8) });
    assert.equal(status, 200);
    assert.equal(body.total_enqueued, 8);
    assert.deepEqual(body.refused, []);
    assert.deepEqual(
      sink.pushes.map((jobs) => jobs.length),
      [3, 3, 2],
    );
    assert.deepEqual(
      sink.jobs.map(({ jid }) => jid),
      body.job_ids,
    );
    assert.deepEqual(
      sink.jobs.map(({ args }) => args[0]),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    assert.deepEqual([meter.requests, meter.accepted, meter.batches, held.jobs, held.bytes], [1, 8, 3, 0, 0]);
  });

  test('options and other types', async () => {
    const { post, sink } = testApp();
    const options = { queue: 'q', retry: -1, reserve_for: 90, jid: 'custom-jid-1', custom: { seq: 1 } };
    await post('/jobs/batch', { jobs: [add(1, options), { type: 'sleep', args: [100] }] });
    const [first, second] = sink.jobs.map(({ created_at, ...job }) => job);
    assert.deepEqual(first, { jobtype: 'add', args: [1, 1], ...options });
    assert.deepEqual(second, { jobtype: 'sleep', args: [100], queue: 'jobstorm', retry: 25, jid: second!.jid });
  });

  test('a bad job among good ones is refused by index and reason; the good ones are enqueued', async () => {
    const { post, sink } = testApp({ batch: { maxSize: 2 } });
    const jobs = [add(0), { type: 'add', args: { a: 1 } }, add(2), 7, add(4, { jid: 'short' }), add(5)];
    const { status, body } = await post('/jobs/batch', { jobs });
    assert.equal(status, 200);
    assert.equal(body.total_enqueued, 3);
    assert.deepEqual(
      body.refused.map(({ index, reason }) => [index, reason]),
      [
        [1, 'b must be a number, got undefined'],
        [3, 'a job must be an object, got 7'],
        [4, 'jid must be 8 to 200 visible ASCII characters without " and \\, got "short"'],
      ],
    );
    assert.deepEqual(
      sink.jobs.map(({ args }) => args[0]),
      [0, 2, 5],
    );
    assert.deepEqual(
      sink.pushes.map(({ length }) => length),
      [2, 1],
    );
    assert.deepEqual(
      body.job_ids,
      sink.jobs.map(({ jid }) => jid),
    );
  });

  test('jobs that the server refuses are named with its words', async () => {
    const { post, sink } = testApp();
    sink.answer = (jobs) => ({ [jobs[1]!.jid]: 'nope' });
    const { status, body } = await post('/jobs/batch', { jobs: adds(3) });
    assert.equal(status, 200);
    assert.deepEqual(body.refused, [{ index: 1, job_id: sink.jobs[1]!.jid, reason: 'nope' }]);
    assert.deepEqual(body.job_ids, [sink.jobs[0]!.jid, sink.jobs[2]!.jid]);
  });

  test('400 when none was enqueued', async () => {
    const { post, sink, meter } = testApp();
    const { status, body } = await post('/jobs/batch', { jobs: [{}, { type: 'x' }] });
    assert.equal(status, 400);
    assert.equal(body.total_enqueued, 0);
    assert.equal(body.refused.length, 2);
    assert.match(body.message, /^none of the jobs was enqueued: type must be/);
    assert.deepEqual([sink.pushes.length, meter.accepted, meter.refused], [0, 0, 2]);
  });

  test('an empty batch, and what is none: 400', async () => {
    const { post, sink } = testApp();
    for (const [body, sentence] of [
      [{ jobs: [] }, /^jobs has 0 items; a request takes 1 to 100000$/],
      [{}, /^jobs is missing/],
      [{ jobs: {} }, /^jobs must be array/],
      [{ jobs: [add(1)], queue: 'x' }, /^unknown field "queue"/],
      [[add(1)], /^the body must be object/],
    ] as const) {
      const answer = await post('/jobs/batch', body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.message, sentence);
    }
    assert.deepEqual(sink.pushes, []);
  });

  test('100,000 jobs are taken, a bounded number of PUSHBs at a time; 100,001 are too many', async () => {
    const { postText, sink, held } = testApp({ batch: { maxSize: 500 } });
    const item = JSON.stringify(add(1));
    const { status, body } = await postText('/jobs/batch', `{"jobs":[${`${item},`.repeat(99_999)}${item}]}`);
    assert.equal(status, 200);
    assert.equal(body.total_enqueued, 100_000);
    assert.equal(new Set(body.job_ids).size, 100_000);
    assert.equal(sink.pushes.length, 200);
    assert.ok(sink.openMax <= maxBulkPushes, `${sink.openMax} at a time`);
    const more = await postText('/jobs/batch', `{"jobs":[${`${item},`.repeat(100_000)}${item}]}`);
    assert.equal(more.status, 413);
    assert.match(more.body.message, /^jobs has 100001 items; a request takes 1 to 100000$/);
    assert.equal(sink.pushes.length, 200);
    assert.deepEqual([held.jobs, held.bytes], [0, 0]);
  });

  test('big jobs go in several PUSHBs, so that no line to the job server is endless', async () => {
    const { post, sink } = testApp();
    const jobs = Array.from({ length: 20 }, () => ({ type: 'x', args: ['y'.repeat(1024 * 1024)] }));
    const { body } = await post('/jobs/batch', { jobs });
    assert.equal(body.total_enqueued, 20);
    assert.deepEqual(
      sink.jobs.map(({ jid }) => jid),
      body.job_ids,
    );
    for (const text of sink.texts) assert.ok(text.length < 9 * 1024 * 1024);
  });

  test('413: a body over the limit', async () => {
    const { postText, held } = testApp();
    const { status, body } = await postText('/jobs/batch', ' '.repeat(maxBatchBodyBytes + 1));
    assert.equal(status, 413);
    assert.match(body.message, new RegExp(`larger than ${maxBatchBodyBytes} bytes`));
    assert.deepEqual([held.jobs, held.bytes], [0, 0]);
  });

  test('a job nested too deeply is refused, the others go', async () => {
    const { postText, sink } = testApp();
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const { status, body } = await postText(
      '/jobs/batch',
      `{"jobs":[{"type":"x","args":${deep}},${JSON.stringify(add(2))}]}`,
    );
    assert.equal(status, 200);
    assert.deepEqual(
      body.refused.map(({ index }) => index),
      [0],
    );
    assert.match(body.refused[0]!.reason, /nested too deeply/);
    assert.deepEqual(
      sink.jobs.map(({ args }) => args[0]),
      [2],
    );
  });

  test('a job with a number that no double can be is refused, the others go', async () => {
    const { postText, sink } = testApp();
    const jobs =
      '{"type":"x","args":[1e400]},{"type":"x","args":[2],"custom":{"a":{"b":-1e400}}},{"type":"x","args":[null]}';
    const { status, body } = await postText('/jobs/batch', `{"jobs":[${jobs}]}`);
    assert.equal(status, 200);
    assert.deepEqual(
      body.refused.map(({ index, reason }) => [index, /beyond 1\.8e308/.test(reason)]),
      [
        [0, true],
        [1, true],
      ],
    );
    assert.deepEqual(
      sink.jobs.map(({ args }) => args[0]),
      [null],
    );
  });

  test('server away: 503 EAWAY, nothing enqueued', async () => {
    const { post, sink } = testApp();
    sink.connected = false;
    const { status, body, headers } = await post('/jobs/batch', { jobs: adds(3) });
    assert.deepEqual([status, body.code, headers['retry-after'], body.total_enqueued], [503, 'EAWAY', '1', 0]);
    assert.deepEqual(
      body.refused.map(({ index }) => index),
      [0, 1, 2],
    );
  });

  test('server going away in the middle: the answer says which jobs are held, and does not promise that none is', async () => {
    const { post, sink } = testApp({ batch: { maxSize: 2 } });
    const later = new Later<Record<string, string>>();
    const gateful = maxBulkPushes * 2;
    sink.answer = async () => {
      if (sink.pushes.length === 1) return {};
      await later.promise;
      sink.connected = false;
      throw new ConnectionError('ECLOSED', 'gone');
    };
    const asked = post('/jobs/batch', { jobs: adds(gateful + 50) });
    setImmediate(() => later.resolve({}));
    const { status, body } = await asked;
    assert.deepEqual([status, body.code], [503, 'EUNCONFIRMED']);
    assert.equal(body.total_enqueued, 2);
    assert.deepEqual(
      body.job_ids,
      sink.pushes[0]!.map(({ jid }) => jid),
    );
    assert.equal(body.refused.length, gateful + 48);
    assert.deepEqual(
      body.refused.map(({ index }) => index),
      [...Array(gateful + 48).keys()].map((i) => i + 2),
    );
    assert.match(body.refused[0]!.reason, /may hold it or not/);
    assert.match(body.refused.at(-1)!.reason, /^not sent/);
    assert.match(body.message, /^2 jobs are enqueued, repeat only those in "refused"/);
    assert.ok(sink.jobs.length < gateful + 50, 'no more PUSHBs after the failure');
  });

  test('full: 503 before the body is read when bytes run out, after it when jobs do', async () => {
    const jobs = { jobs: adds(3) };
    const few = testApp({ held: new Held(2) });
    const byJobs = await few.post('/jobs/batch', jobs);
    assert.deepEqual([byJobs.status, byJobs.body.code, byJobs.headers['retry-after']], [503, 'EBUSY', '1']);
    assert.deepEqual([few.held.jobs, few.held.bytes], [0, 0]);
    const small = testApp({ held: new Held(10, 20) });
    const byBytes = await small.post('/jobs/batch', jobs);
    assert.deepEqual([byBytes.status, byBytes.body.code], [503, 'EBUSY']);
    assert.deepEqual([small.sink.pushes.length, small.held.bytes], [0, 0]);
  });
});

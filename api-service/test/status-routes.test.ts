// GET /health, GET /stats, and who may ask.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { epochUs, Histogram } from '@jobstorm/telemetry';
import { testApp } from './test-app.ts';

describe('GET /health', () => {
  test('200 and who answers while the job server does', async () => {
    const { app } = testApp();
    const response = await app.inject('/health');
    assert.equal(response.statusCode, 200);
    const { version, ...body } = response.json();
    assert.equal(typeof version, 'string');
    assert.deepEqual(body, {
      name: 'jobstorm',
      part: 'api',
      status: 'ok',
      jobServer: { answers: true, address: 'tcp://192.0.2.1:7419', description: 'fake', version: '1.2.3' },
    });
  });

  test('503 and the address while it does not', async () => {
    const { app, sink } = testApp();
    sink.connected = false;
    const response = await app.inject('/health');
    assert.equal(response.statusCode, 503);
    assert.deepEqual(response.json().jobServer, { answers: false, address: 'tcp://192.0.2.1:7419' });
  });
});

test('GET /stats counts jobs and says how long they took, null where none was', async () => {
  const { app, post } = testApp();
  assert.deepEqual((await app.inject('/stats')).json().latencyUs, { accept: null, batchWait: null, push: null });
  await post('/jobs/add', { a: 1, b: 2 });
  await post('/jobs/batch', { jobs: [{ type: 'add', args: { a: 1, b: 2 } }, {}] });
  const stats = (await app.inject('/stats')).json();
  assert.deepEqual(stats.totals, { requests: 2, accepted: 2, refused: 1, batches: 2 });
  assert.deepEqual([stats.latencyUs.batchWait.count, stats.latencyUs.push.count], [2, 2]);
  assert.deepEqual([stats.waiting, stats.batchesInFlight, stats.heldBytes, stats.connected], [0, 0, 0, true]);
  assert.deepEqual(stats.batch, { maxSize: 100, maxDelayMs: 100, auto: true, adaptive: true });
});

test('a run’s job counts from when it was due to when it was taken in; jobs that don’t say, or are due later, don’t count', async () => {
  const { meter, post } = testApp();
  const lateUs = 60_000_000;
  const custom = { run: 'r', seq: 0, due: epochUs() - lateUs };
  const at = new Date(Date.now() + 60_000).toISOString();
  const job = { a: 1, b: 2 };
  await post('/jobs/add', { ...job, custom });
  const others = [{ ...custom, run: 7 }, { ...custom, due: '1' }, { ...custom, due: -1 }, {}];
  for (const other of others) await post('/jobs/add', { ...job, custom: other });
  await post('/jobs/add', { ...job, custom, at });
  await post('/jobs/add', job);
  const item = { type: 'add', args: job };
  const batch = [{ ...item, custom }, { ...item, custom }, { ...item, custom, at }, { custom }, item];
  await post('/jobs/batch', { jobs: batch });
  const accept = Histogram.fromJSON(meter.snapshot({ connected: true, waiting: 0 }).phases.accept!);
  assert.equal(accept.count, 3, 'one single job, two of the batch');
  const [fromUs, toUs] = [lateUs * 0.999, epochUs() - custom.due];
  assert.ok(accept.percentile(1) >= fromUs && accept.max <= toUs, `${accept.percentile(1)} to ${accept.max} us`);
});

describe('JOBSTORM_TOKEN', () => {
  test('is asked of every route but /health', async () => {
    const { app, post, sink } = testApp({ token: 'sesame' });
    const job = { a: 1, b: 2 };
    for (const authorization of [undefined, 'Bearer wrong', 'sesame', 'Bearer sesame2', 'Bearer ']) {
      const answer = await post('/jobs/add', job, authorization === undefined ? {} : { authorization });
      assert.deepEqual([answer.status, answer.body.code], [401, 'ETOKEN']);
      assert.match(answer.body.message, /authorization: Bearer TOKEN/);
    }
    assert.equal((await app.inject('/stats')).statusCode, 401);
    assert.equal((await app.inject('/nowhere')).statusCode, 401);
    assert.equal((await app.inject('/health')).statusCode, 200);
    assert.equal(sink.jobs.length, 0);
    assert.equal((await post('/jobs/add', job, { authorization: 'Bearer sesame' })).status, 200);
  });
});

test('once the door is closed, requests get 503 and their connection ends', async () => {
  const { post, door, sink } = testApp();
  door.close();
  const { status, body, headers } = await post('/jobs/add', { a: 1, b: 2 });
  assert.deepEqual([status, body.code, headers.connection, headers['retry-after']], [503, 'ECLOSING', 'close', '1']);
  assert.equal(sink.jobs.length, 0);
});

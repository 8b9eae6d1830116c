// POST /jobs/:type over a fake sink.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConnectionError, ServerError } from '@jobstorm/protocol';
import { Held } from '../src/held.ts';
import { Held as Later } from './fake-sink.ts';
import { testApp } from './test-app.ts';

describe('POST /jobs/:type', () => {
  test('an arithmetic job reaches the job server whole, and its caller gets its id', async () => {
    const { post, sink } = testApp();
    const { status, body } = await post('/jobs/add', { a: 1, b: -2.5 });
    assert.equal(status, 200);
    assert.equal(body.message, 'add enqueued');
    const [job] = sink.jobs;
    assert.equal(sink.jobs.length, 1);
    assert.deepEqual(
      { ...job, created_at: '' },
      { jid: body.job_id, queue: 'jobstorm', jobtype: 'add', args: [1, -2.5], retry: 25, created_at: '' },
    );
    assert.ok(Math.abs(Date.parse(job!.created_at!) - Date.now()) < 60_000);
    assert.ok(body.job_id.length >= 12);
  });

  test('any other type takes args, and both take the options', async () => {
    const { post, sink } = testApp();
    const options = {
      queue: 'other',
      retry: 0,
      reserve_for: 60,
      jid: 'my-own-jid',
      custom: { run: 'r', seq: 0, due: 1 },
    };
    const { body } = await post('/jobs/resize', { args: [{ w: 1 }, 'x', null], ...options });
    assert.equal(body.job_id, 'my-own-jid');
    const { created_at, ...job } = sink.jobs[0]!;
    assert.deepEqual(job, { jobtype: 'resize', args: [{ w: 1 }, 'x', null], ...options });
    await post('/jobs/divide', { a: 1, b: 2, ...options });
    assert.deepEqual(sink.jobs[1]!.custom, options.custom);
  });

  test('unicode, __proto__, surrogates and NUL pass through unharmed', async () => {
    const { postText, sink } = testApp();
    const text =
      '{"args":["żółć 🦀\\u0000\\ud800",{"__proto__":{"x":1}}],"custom":{"__proto__":{"polluted":true},"ключ":"値"}}';
    const { status, body } = await postText(`/jobs/${encodeURIComponent('задача::Ünï')}`, text);
    assert.equal(status, 200);
    assert.equal(body.message, 'задача::Ünï enqueued');
    const [job] = sink.jobs;
    assert.equal(job!.jobtype, 'задача::Ünï');
    assert.equal(job!.args[0], 'żółć 🦀\u0000\ud800');
    assert.deepEqual(Object.keys(job!.args[1] as object), ['__proto__']);
    assert.deepEqual(Object.keys(job!.custom!), ['__proto__', 'ключ']);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  test('jobs that come together leave in one PUSHB', async () => {
    const { post, sink, meter } = testApp();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, a) => post('/jobs/add', { a, b: 0 })));
    assert.equal(new Set(answers.map(({ body }) => body.job_id)).size, 20);
    assert.equal(sink.jobs.length, 20);
    assert.ok(sink.pushes.length < 20, `${sink.pushes.length} PUSHBs`);
    for (const { body } of answers) assert.ok(sink.jobs.some(({ jid }) => jid === body.job_id));
    assert.deepEqual([meter.requests, meter.accepted, meter.refused], [20, 20, 0]);
  });

  test('BATCH_AUTO_ENABLED=false: one PUSHB a job', async () => {
    const { post, sink } = testApp({ batch: { auto: false } });
    await Promise.all([post('/jobs/add', { a: 1, b: 1 }), post('/jobs/add', { a: 2, b: 2 })]);
    assert.deepEqual(
      sink.pushes.map((jobs) => jobs.length),
      [1, 1],
    );
  });

  const wrong: [name: string, url: string, body: unknown, sentence: RegExp][] = [
    ['missing b', '/jobs/add', { a: 1 }, /^b is missing/],
    ['a of the wrong type', '/jobs/add', { a: '1', b: 2 }, /^a must be number, got "1"$/],
    ['args for arithmetic', '/jobs/multiply', { args: [1, 2] }, /is missing|unknown field/],
    ['missing args', '/jobs/resize', {}, /^args is missing/],
    ['args no array', '/jobs/resize', { args: { a: 1 } }, /^args must be array, got an object$/],
    ['unknown field', '/jobs/add', { a: 1, b: 2, when: 'tomorrow' }, /^unknown field "when"/],
    ['at no time', '/jobs/add', { a: 1, b: 2, at: 'tomorrow' }, /^at must match.*got "tomorrow"$/],
    ['custom no object', '/jobs/add', { a: 1, b: 2, custom: [] }, /^custom must be object, got an array$/],
    ['short jid', '/jobs/add', { a: 1, b: 2, jid: 'short' }, /^jid must match.*got "short"$/],
    ['queue with a blank', '/jobs/add', { a: 1, b: 2, queue: 'a b' }, /^queue must match.*got "a b"$/],
    ['fractional retry', '/jobs/add', { a: 1, b: 2, retry: 1.5 }, /^retry must be integer, got 1.5$/],
    [
      'two days of reservation',
      '/jobs/add',
      { a: 1, b: 2, reserve_for: 172800 },
      /^reserve_for must be <= 86400, got 172800$/,
    ],
    ['an array for a body', '/jobs/add', [1, 2], /^the body must be object, got an array$/],
    ['null for a body', '/jobs/add', null, /^the body must be object, got null$/],
    ['a type with a blank', '/jobs/a%20b', { args: [] }, /^type must be a name .* got "a b"$/],
    ['a type of 201 characters', `/jobs/${'x'.repeat(201)}`, { args: [] }, /^type must be a name/],
    ['a type with a control character', '/jobs/a%00b', { args: [] }, /^type must be a name/],
  ];
  for (const [name, url, body, sentence] of wrong) {
    test(`400: ${name}`, async () => {
      const { post, sink, held } = testApp();
      const answer = await post(url, body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.message, sentence);
      assert.equal(answer.body.code, 'EBODY');
      assert.deepEqual(sink.pushes, []);
      assert.equal(held.jobs, 0);
    });
  }

  test('400: no JSON, an empty body, a number that is none', async () => {
    const { postText, sink } = testApp();
    for (const text of ['{"a":1,', '', '{"a":NaN,"b":1}']) {
      const { status, body } = await postText('/jobs/add', text);
      assert.equal(status, 400);
      assert.match(body.message, /^the body is not JSON: /);
    }
    assert.match((await postText('/jobs/add', '{"a":1e999,"b":1}')).body.message, /^a must be number, got Infinity/);
    assert.deepEqual(sink.pushes, []);
  });

  test('400: nested deeper than can be written', async () => {
    const { postText, sink, held } = testApp();
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const { status, body } = await postText('/jobs/deep', `{"args":${deep}}`);
    assert.equal(status, 400);
    assert.match(body.message, /nested too deeply/);
    assert.deepEqual([sink.pushes.length, held.jobs], [0, 0]);
  });

  test('400: a number that no double can be, instead of null for it', async () => {
    const { postText, sink } = testApp();
    for (const body of ['{"args":[[1e400]]}', '{"args":[-1e400]}', '{"args":[null],"custom":{"a":1e999}}']) {
      const { status, body: answer } = await postText('/jobs/echo', body);
      assert.equal(status, 400, body);
      assert.match(answer.message, /a number beyond 1\.8e308/);
    }
    assert.equal((await postText('/jobs/add', '{"a":1e400,"b":1}')).status, 400);
    assert.deepEqual(sink.pushes, []);
    assert.equal((await postText('/jobs/echo', '{"args":[null,1e308,"Infinity"]}')).status, 200);
  });

  test('413: a body over the limit; 415: no JSON by its header; 404: no such route', async () => {
    const { app, postText } = testApp();
    const big = await postText('/jobs/echo', JSON.stringify({ args: ['x'.repeat(1024 * 1024)] }));
    assert.equal(big.status, 413);
    assert.match(big.body.message, /larger than 1048576 bytes/);
    const form = await postText('/jobs/add', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' });
    assert.equal(form.status, 415);
    assert.match(form.body.message, /application\/json.*got application\/x-www-form-urlencoded/);
    const lost = await app.inject({ method: 'GET', url: '/jobs/add' });
    assert.equal(lost.statusCode, 404);
    assert.match(lost.json().message, /POST \/jobs\/:type/);
  });

  test('a job that the server refuses is an error for its own caller alone, with the server’s words', async () => {
    const { post, sink, meter } = testApp();
    sink.answer = (jobs) =>
      Object.fromEntries(jobs.filter(({ args }) => args[0] === 13).map(({ jid }) => [jid, 'cannot get "x" queue']));
    const answers = await Promise.all([12, 13, 14].map((a) => post('/jobs/add', { a, b: 1 })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 400, 200],
    );
    assert.equal(answers[1]!.body.message, 'the job server refused the job: cannot get "x" queue');
    assert.deepEqual([meter.accepted, meter.refused], [2, 1]);
  });

  test('a jid that is the name of an Object method is no refusal', async () => {
    const { post } = testApp();
    assert.equal((await post('/jobs/add', { a: 1, b: 1, jid: 'constructor' })).status, 200);
    assert.equal((await post('/jobs/add', { a: 1, b: 1, jid: '__proto__' })).status, 200);
  });

  test('a job that makes the server reject the whole PUSHB is an error for its own caller alone', async () => {
    const { post, sink } = testApp();
    const held: string[] = [];
    sink.answer = (jobs) => {
      if (jobs.some(({ args }) => args[0] === 3)) throw new ServerError('ERR', 'invalid JSON: exceeded max depth');
      held.push(...jobs.map(({ jid }) => jid));
      return {};
    };
    const answers = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((a) => post('/jobs/add', { a, b: 1 })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 400, 200, 200, 200],
    );
    assert.match(answers[3]!.body.message, /exceeded max depth/);
    assert.deepEqual(
      held.sort(),
      answers
        .filter(({ status }) => status === 200)
        .map(({ body }) => body.job_id)
        .sort(),
    );
  });

  test('server away: 503 with Retry-After, nothing kept', async () => {
    const { post, sink, held } = testApp();
    sink.connected = false;
    const { status, body, headers } = await post('/jobs/add', { a: 1, b: 1 });
    assert.deepEqual([status, body.code, headers['retry-after']], [503, 'EAWAY', '1']);
    assert.deepEqual([sink.pushes.length, held.jobs, held.bytes], [0, 0, 0]);
  });

  test('connection lost before the answer: 503 that says nobody knows, and the next job goes on', async () => {
    const { post, sink, held } = testApp();
    sink.answer = () => Promise.reject(new ConnectionError('ECLOSED', 'the connection has ended'));
    const { status, body, headers } = await post('/jobs/add', { a: 1, b: 1 });
    assert.deepEqual([status, body.code, headers['retry-after']], [503, 'EUNCONFIRMED', '1']);
    assert.match(body.message, /may hold it or not: the connection has ended/);
    sink.answer = () => ({});
    assert.equal((await post('/jobs/add', { a: 1, b: 1 })).status, 200);
    assert.deepEqual([held.jobs, held.bytes], [0, 0]);
  });

  test('full: 503 with Retry-After, and room again once jobs are answered', async () => {
    const { post, sink } = testApp({ held: new Held(2) });
    const later = new Later<Record<string, string>>();
    sink.answer = () => later.promise;
    const first = [post('/jobs/add', { a: 1, b: 1 }), post('/jobs/add', { a: 2, b: 1 })];
    const third = await post('/jobs/add', { a: 3, b: 1 });
    assert.deepEqual([third.status, third.body.code, third.headers['retry-after']], [503, 'EBUSY', '1']);
    later.resolve({});
    assert.deepEqual(
      (await Promise.all(first)).map(({ status }) => status),
      [200, 200],
    );
    assert.equal((await post('/jobs/add', { a: 4, b: 1 })).status, 200);
  });
});

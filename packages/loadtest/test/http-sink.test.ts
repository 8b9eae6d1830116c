import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { batchSink, singleSink } from '../src/http-sink.ts';
import { makeJobTexts } from '../src/job-text.ts';
import { aPlan } from './fixtures.ts';

interface Seen {
  path: string;
  body: { jobs?: unknown[] } & Record<string, unknown>;
  authorization: string | undefined;
}

/** An api-service that answers what it is told. `status` 0: it hangs up. */
async function service(t: TestContext, answer: { status: number; body: unknown; retryAfter?: string }) {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    seen.push({ path: request.url!, body: JSON.parse(text), authorization: request.headers.authorization });
    if (answer.status === 0) return request.socket.destroy();
    if (answer.retryAfter) response.setHeader('retry-after', answer.retryAfter);
    return response
      .writeHead(answer.status)
      .end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => new Promise((done) => server.close(done)));
  const plan = aPlan();
  const options = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: null,
    plan,
    texts: makeJobTexts(plan),
  };
  return { seen, options };
}

const dueOf = () => 1;
const ids = (n: number) => Array.from({ length: n }, (_, i) => `jid-${i}`);

test('a batch that is taken whole', async (t) => {
  const { seen, options } = await service(t, {
    status: 200,
    body: { job_ids: ids(3), total_enqueued: 3, refused: [] },
  });
  const sink = batchSink({ ...options, token: 'secret' });
  assert.deepEqual(await sink.send(0, 3, dueOf), { accepted: 3, refused: new Map() });
  assert.equal(seen[0]!.path, '/jobs/batch');
  assert.equal(seen[0]!.body.jobs!.length, 3);
  assert.equal(seen[0]!.authorization, 'Bearer secret');
  await sink.close();
});

test('a request has 1,000 jobs, fewer large ones, or as many as it is told', async (t) => {
  const { options } = await service(t, { status: 200, body: {} });
  const large = { ...options.plan, shape: { ...options.plan.shape, payloadBytes: 1024 * 1024 } };
  const sinks = [options, { ...options, plan: large }, { ...options, plan: large, perRequest: 10_000 }].map(batchSink);
  assert.deepEqual(
    sinks.map(({ chunk }) => chunk),
    [1000, 7, 10_000],
  );
  for (const sink of sinks) await sink.close();
});

test('a batch that is taken in part counts the refusals by reason', async (t) => {
  const refused = [
    { index: 1, reason: 'bad' },
    { index: 2, reason: 'bad' },
  ];
  const { options } = await service(t, { status: 200, body: { job_ids: ids(2), total_enqueued: 2, refused } });
  const sink = batchSink(options);
  assert.deepEqual(await sink.send(0, 4, dueOf), { accepted: 2, refused: new Map([['bad', 2]]) });
  await sink.close();
});

test('503 with nothing taken: again later', async (t) => {
  for (const code of ['EAWAY', 'EBUSY']) {
    const { options } = await service(t, {
      status: 503,
      body: { statusCode: 503, code, message: 'not now' },
      retryAfter: '2',
    });
    for (const sink of [batchSink(options), await singleSink(options)]) {
      assert.deepEqual(await sink.send(0, 1, dueOf), { retryAfterMs: 2000, reason: 'not now' });
      await sink.close();
    }
  }
});

test('503 for a batch of which some are held is not repeated: those count as accepted', async (t) => {
  const body = {
    statusCode: 503,
    code: 'EAWAY',
    message: 'went away',
    job_ids: ids(1),
    total_enqueued: 1,
    refused: [],
  };
  const { options } = await service(t, { status: 503, body });
  const sink = batchSink(options);
  assert.deepEqual(await sink.send(0, 3, dueOf), { accepted: 1, refused: new Map([['HTTP 503: went away', 2]]) });
  await sink.close();
});

test('an unconfirmed answer, a hang-up and a stranger leave the fate open', async (t) => {
  const answers = [
    { status: 503, body: { code: 'EUNCONFIRMED', message: 'perhaps' } },
    { status: 0, body: '' },
    { status: 500, body: '<html>' },
    { status: 200, body: 'hello' },
  ];
  for (const answer of answers) {
    const { options } = await service(t, answer);
    const sink = batchSink(options);
    await assert.rejects(sink.send(0, 2, dueOf), JSON.stringify(answer));
    await sink.close();
  }
});

test('a 4xx refuses all of them with its message', async (t) => {
  const { options } = await service(t, { status: 401, body: { code: 'ETOKEN', message: 'asks for a token' } });
  const sink = await singleSink(options);
  assert.deepEqual(await sink.send(5, 6, dueOf), {
    accepted: 0,
    refused: new Map([['HTTP 401: asks for a token', 1]]),
  });
  await sink.close();
});

test('a single job goes to the path of its type', async (t) => {
  const { seen, options } = await service(t, { status: 200, body: { job_id: 'x', message: 'add enqueued' } });
  const sink = await singleSink(options);
  assert.equal(sink.chunk, 1);
  assert.deepEqual(await sink.send(5, 6, () => 77), { accepted: 1, refused: new Map() });
  assert.equal(seen[0]!.path, '/jobs/add');
  assert.deepEqual(seen[0]!.body.custom, { run: 'r1test', seq: 5, due: 77 });
  await sink.close();
});

test('big payloads make smaller batches', async (t) => {
  const { options } = await service(t, { status: 200, body: '' });
  const plan = aPlan({ shape: { jobtype: 'payload', serviceMs: 0, payloadBytes: 1_000_000, failShare: 0 } });
  const sink = batchSink({ ...options, plan, texts: makeJobTexts(plan) });
  assert.ok(sink.chunk >= 1 && sink.chunk * 1_000_000 < 32 * 1024 * 1024);
  await sink.close();
});

test('a request that is under way when we hang up says so, and not what a library calls it', async (t) => {
  const sockets: IncomingMessage['socket'][] = [];
  const server = createServer((request) => void sockets.push(request.socket)); // it never answers
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const plan = aPlan();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const open of [batchSink, singleSink]) {
    const sink = await open({ url, token: null, plan, texts: makeJobTexts(plan) });
    const before = sockets.length;
    const sent = sink.send(0, 1, dueOf);
    sent.catch(() => {}); // it is looked at below
    await until('the request to arrive', () => sockets.length > before);
    await Promise.all([assert.rejects(sent, /^JobstormError: the run ended before its answer came$/), sink.close()]);
  }
});

// The whole service over real sockets: against the embedded server, and against one that does what a test says.

import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import { accessKey } from '@jobstorm/program';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { FakeRoom, FakeServer, freePort, until, watchLeaks } from '@jobstorm/testkit';
import { type ApiOptions, type BatchSettings, type RunningApi, startApi } from '../src/index.ts';

const batch = { maxSize: 100, maxDelayMs: 100, auto: true, adaptive: true };

/** Starts one that the test ends. */
async function api(
  t: TestContext,
  url: string,
  more: Partial<ApiOptions> = {},
): Promise<RunningApi & { said: string[] }> {
  const said: string[] = [];
  const options = { host: '127.0.0.1', port: 0, address: parseServerUrl(url), batch, queue: 'jobstorm' };
  const running = await startApi({ ...options, tell: (line) => said.push(line), ...more });
  t.after(() => running.close());
  return { ...running, said };
}

async function post(url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Settles once the service has found its job server. */
function connected(url: string): Promise<true> {
  return until('the job server to be found', async () => (await fetch(`${url}/health`)).status === 200 || null);
}

/** A job server whose PUSHBs are answered when the test says so. */
async function slowServer(t: TestContext): Promise<FakeServer> {
  const fake = await FakeServer.start();
  t.after(() => fake.close());
  return fake;
}

describe('startApi', () => {
  test('jobs posted singly and in batches can be fetched from the job server', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    const { url } = await api(t, server.url);
    await connected(url);
    const custom = { run: 'r', seq: 1, due: 2, ключ: 'żółć', __proto__x: '\u0000' };
    const single = await post(`${url}/jobs/add`, { a: 1, b: 2, custom });
    assert.equal(single.status, 200);
    const many = await post(`${url}/jobs/batch`, {
      jobs: Array.from({ length: 250 }, (_, i) => ({ type: 'sleep', args: [i] })),
    });
    assert.equal(many.body.total_enqueued, 250);
    const client = await Client.connect({ address: parseServerUrl(server.url) });
    t.after(() => client.close());
    const first = await client.fetch(['jobstorm']);
    assert.deepEqual(
      [first?.jid, first?.jobtype, first?.args, first?.custom],
      [single.body.job_id, 'add', [1, 2], custom],
    );
    for (let i = 0; i < 250; i++) {
      const job = await client.fetch(['jobstorm']);
      assert.deepEqual([job?.jid, job?.args], [(many.body.job_ids as string[])[i], [i]]);
    }
  });

  test('a job that the server refuses, and one that its decoder can’t take, spoil nothing for others', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    const { url } = await api(t, server.url);
    await connected(url);
    const [good, other] = await Promise.all([
      post(`${url}/jobs/x`, { args: [] }),
      post(`${url}/jobs/x`, { args: ['\ud800'] }),
    ]);
    assert.deepEqual([good.status, other.status], [200, 200]);
  });

  test('starts without a job server, says which address once, and finds it when it comes', async (t) => {
    const port = await freePort();
    const { url, said } = await api(t, `tcp://127.0.0.1:${port}`);
    await until('the line about it', () => said[0]);
    const health = await fetch(`${url}/health`);
    assert.equal(health.status, 503);
    assert.deepEqual(((await health.json()) as { jobServer: unknown }).jobServer, {
      answers: false,
      address: `tcp://127.0.0.1:${port}`,
    });
    const refused = await fetch(`${url}/jobs/add`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1,"b":2}',
    });
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
    await refused.arrayBuffer();
    const server = await startServer({ host: '127.0.0.1', port });
    t.after(() => server.close());
    await connected(url);
    assert.equal((await post(`${url}/jobs/add`, { a: 1, b: 2 })).status, 200);
    assert.equal(said.length, 1);
    assert.match(said[0]!, new RegExp(`tcp://127.0.0.1:${port}.*check the address`));
  });

  test('a wrong password is said once', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0, password: 'right' });
    t.after(() => server.close());
    const { url, said } = await api(t, `tcp://:wrong@127.0.0.1:${server.port}`);
    await until('the line about it', () => said[0]);
    assert.match(said[0]!, /password: check FAKTORY_PASSWORD/);
    assert.doesNotMatch(said[0]!, /wrong/);
    assert.equal((await fetch(`${url}/health`)).status, 503);
  });

  test('a job server that goes away in the middle: 503 for those in doubt, and on with its return', async (t) => {
    const fake = await slowServer(t);
    const { url } = await api(t, fake.url);
    await until('the connection', () => fake.linesLike(/^HELLO/)[0]);
    const asked = until('a connected answer', async () => {
      const answer = await post(`${url}/jobs/add`, { a: 1, b: 2 });
      return answer.body.code === 'EAWAY' ? null : answer;
    });
    await fake.waitForLine(/^PUSHB/);
    fake.dropConnections();
    const { status, body } = await asked;
    assert.deepEqual([status, body.code], [503, 'EUNCONFIRMED']);
    await until('a new connection', () => fake.linesLike(/^HELLO/)[1]);
  });

  test('close: what waits is pushed, its callers are answered, and nothing is left behind', async (t) => {
    const leaks = watchLeaks();
    const info = '{"server":{"description":"fake","faktory_version":"1"}}';
    const fake = await FakeServer.start({
      script: (line) => (line === 'INFO' ? `$${info.length}\r\n${info}\r\n` : undefined),
    });
    t.after(() => fake.close());
    // A delay of a minute: only the close can make this batch leave.
    const lazy = { ...batch, maxDelayMs: 60_000, adaptive: false };
    const { url, close } = await api(t, fake.url, { batch: lazy });
    await connected(url);
    const asked = [1, 2, 3].map((a) => post(`${url}/jobs/add`, { a, b: 1 }));
    await until('three jobs to wait', async () => {
      const stats = (await (await fetch(`${url}/stats`)).json()) as { waiting: number };
      return stats.waiting === 3 || null;
    });
    assert.deepEqual(fake.linesLike(/^PUSHB/), []);
    const closed = close();
    const line = await fake.waitForLine(/^PUSHB/);
    assert.deepEqual((JSON.parse(line.slice(6)) as { args: number[] }[]).map(({ args }) => args[0]).sort(), [1, 2, 3]);
    const late = await post(`${url}/jobs/add`, { a: 4, b: 1 });
    assert.deepEqual([late.status, late.body.code], [503, 'ECLOSING']);
    fake.broadcast('$2\r\n{}\r\n');
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
    await closed;
    await assert.rejects(fetch(`${url}/health`));
    assert.equal(await close(), undefined);
    await fake.close();
    await leaks.settle();
  });

  test('reports to the control room, with its token, and works on without one', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    const room = await startControlRoom({ host: '127.0.0.1', port: 0, token: 'sesame' });
    t.after(() => room.close());
    const { url } = await api(t, server.url, {
      control: room.url.replace('http', 'ws'),
      token: 'sesame',
    });
    await connected(url);
    const headers = { authorization: 'Bearer sesame' };
    const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{"a":1,"b":2}' };
    assert.equal((await fetch(`${url}/jobs/add`, init)).status, 200);
    const part = await until('a report of the job', async () => {
      const stats = await (await fetch(`${room.url}/stats`, { headers })).json();
      const { parts } = stats as { parts: { part: string; state: { totals: { accepted: number } } }[] };
      return parts.find((one) => one.part === 'api' && one.state.totals.accepted === 1);
    });
    assert.deepEqual(part.state.totals, { requests: 1, accepted: 1, refused: 0, batches: 1 });
    await room.close();
    assert.equal((await fetch(`${url}/jobs/add`, init)).status, 200);
  });

  test('takes batch settings from the control room while it runs, and refuses those that are none', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    const room = await FakeRoom.start();
    t.after(() => room.close());
    const told: string[] = [];
    const { url } = await api(t, server.url, { control: room.url, tell: (line) => told.push(line) });
    const batch = async () => ((await (await fetch(`${url}/stats`)).json()) as { batch: BatchSettings }).batch;
    await until('it to say hello', () => room.hellos.length === 1);
    const before = await batch();
    room.send({ type: 'settings', number: 1, api: { batchMaxSize: 0, batchAuto: false } });
    await until('the refusal', () => told.some((line) => /batchMaxSize: got 0, expected a whole number/.test(line)));
    assert.deepEqual(await batch(), before);
    const api7 = { batchMaxSize: 7, batchMaxDelayMs: 12.5, batchAuto: false, batchAdaptive: false, nosuch: 1 };
    room.send({ type: 'settings', number: 2, worker: { slots: 5 }, api: api7 });
    await until('the change', async () => (await batch()).maxSize === 7);
    assert.deepEqual(await batch(), { maxSize: 7, maxDelayMs: 12.5, auto: false, adaptive: false });
    const answers = () => room.heard.filter(({ type }) => type === 'settings');
    await until('both answers', () => answers().length === 2);
    assert.match(String(answers()[0]!.refusal), /^batchMaxSize: got 0/);
    const inForce = { batchMaxSize: 7, batchMaxDelayMs: 12.5, batchAuto: false, batchAdaptive: false };
    assert.deepEqual(answers()[1], { type: 'settings', number: 2, inForce, refusal: null });
    room.send({ type: 'settings', api: 5 });
    room.send({ type: 'settings', api: null });
    room.send({ type: 'settings', api: { batchMaxSize: 8 } });
    await until('the next change', async () => (await batch()).maxSize === 8);
  });

  test('says which host it is on, as it was told', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    const room = await FakeRoom.start();
    t.after(() => room.close());
    await api(t, server.url, { control: room.url, hostName: 'rack1' });
    const hello = await until('its hello', () => room.hellos[0]);
    assert.deepEqual([hello.part, hello.host], ['api', 'rack1']);
  });

  test('asks for its token or the key of the password that the job server asks for', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0, password: 'secret' });
    t.after(() => server.close());
    const { url } = await api(t, server.url, {
      token: 'sesame',
      address: { ...parseServerUrl(server.url), password: 'secret' },
    });
    const statusFor = async (token: string) =>
      (await fetch(`${url}/stats`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.deepEqual(
      await Promise.all(['sesame', accessKey('secret'), 'secret', accessKey('other'), ''].map(statusFor)),
      [200, 200, 401, 401, 401],
    );
  });

  test('a caller that leaves in the middle of its body leaves nothing held', async (t) => {
    const server = await startServer({ host: '127.0.0.1', port: 0 });
    t.after(() => server.close());
    const { url } = await api(t, server.url);
    const heldBytes = async () => ((await (await fetch(`${url}/stats`)).json()) as { heldBytes: number }).heldBytes;
    for (const [path, bytes] of [
      ['batch', 1000],
      ['add', 500_000],
      ['resize', 500_000],
    ] as const) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.write(
        `POST /jobs/${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n{"`,
      );
      await until('the body to be counted', async () => (await heldBytes()) === bytes || null);
      socket.destroy();
      await until('it to be given back', async () => (await heldBytes()) === 0 || null);
    }
  });

  test('a port that is taken is named', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    await assert.rejects(api(t, 'tcp://127.0.0.1:1', { port }), {
      code: 'EADDRINUSE',
      message: new RegExp(`127.0.0.1:${port}`),
    });
  });
});

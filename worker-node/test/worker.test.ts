import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '@jobstorm/server-node';
import { epochUs } from '@jobstorm/telemetry';
import { FakeServer, FaultProxy, until, watchLeaks } from '@jobstorm/testkit';
import type { Handler } from '../src/handlers.ts';
import { Worker } from '../src/worker.ts';
import { queue, withServer, workerOptions } from './worker-rig.ts';

/** A reply of ASCII text. */
const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;

test('jobs are done and acknowledged, and the snapshot says so', async () => {
  await withServer(async ({ start, client, counts }) => {
    const dueUs = epochUs();
    const jobs = Array.from({ length: 2000 }, (_, seq) => ({
      jid: `job-${seq}-xxxx`,
      jobtype: seq % 2 === 0 ? 'add' : 'sleep',
      args: [1, 2],
      queue,
      retry: 0,
      custom: { run: 'r1', seq, due: dueUs },
    }));
    assert.deepEqual(await client.pushBulk(jobs), {});
    const worker = await start({ slots: 50 });
    await until('all to be done', () => counts().processed === 2000);
    await until('the worker to know', () => worker.snapshot(false).totals.completed === 2000);
    const snapshot = worker.snapshot(true);
    assert.equal(snapshot.state, 'running');
    assert.equal(snapshot.connected, true);
    assert.deepEqual(snapshot.slots, { total: 50, running: 0 });
    assert.equal(snapshot.connections, 6);
    assert.deepEqual(snapshot.totals, { fetched: 2000, completed: 2000, failed: 0, late: 0 });
    const [run] = snapshot.runs;
    assert.deepEqual([run!.completed, run!.duplicated, run!.unexpected], [2000, 0, 0]);
    for (const phase of ['queueWait', 'dispatch', 'service', 'ack', 'endToEnd'] as const)
      assert.equal(run!.phases[phase]!.count, 2000, phase);
    assert.equal(counts().failures, 0);
  });
});

test('never more FETCHes and running jobs than slots, whatever the handlers do', async () => {
  const slots = 7;
  const total = 3000;
  let fetches = 0;
  let ended = 0;
  let worst = 0;
  const end = () => {
    ended++;
  };
  const script = (line: string) => {
    if (/^(BEAT|ACK|FAIL)/.test(line)) return '+OK\r\n';
    if (!line.startsWith('FETCH')) return undefined;
    fetches++;
    worst = Math.max(worst, fetches - ended);
    if (fetches > total) return undefined;
    const jobtype = ['now', 'soon', 'later', 'bad'][fetches % 4];
    return bulk(`{"jid":"job-${fetches}-xxxx","jobtype":"${jobtype}","args":[]}`);
  };
  const handlers = new Map<string, Handler>([
    ['now', end],
    ['soon', () => new Promise<void>((resolve) => setImmediate(() => resolve(end())))],
    ['later', () => new Promise<void>((resolve) => setTimeout(() => resolve(end()), 1))],
    [
      'bad',
      () => {
        end();
        throw new Error('no');
      },
    ],
  ]);
  const fake = await FakeServer.start({ script });
  const worker = new Worker(workerOptions(fake.url, { slots, handlers }));
  await worker.start();
  await until('all to run', () => ended === total, { timeoutMs: 60_000 });
  await worker.stop();
  assert.ok(worst <= slots, `${worst} of ${slots}`);
  assert.ok(worst > 1, 'it fetches ahead');
  await fake.close();
});

test('while ACKs are not answered it fetches no more than its slots and a few', async () => {
  const slots = 20;
  let fetches = 0;
  let held = true;
  const script = (line: string) => {
    if (line.startsWith('BEAT')) return '+OK\r\n';
    if (line.startsWith('ACK')) return held ? undefined : '+OK\r\n';
    if (!line.startsWith('FETCH')) return undefined;
    fetches++;
    return bulk(`{"jid":"job-${fetches}-xxxx","jobtype":"noop","args":[]}`);
  };
  const fake = await FakeServer.start({ script });
  const worker = new Worker(workerOptions(fake.url, { slots }));
  await worker.start();
  await until('it to be held up', () => fetches >= slots);
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(fetches <= 2 * slots + 64, `${fetches} FETCHes`);
  const before = fetches;
  held = false;
  // Those that were never answered go again on the connections that come next.
  fake.dropConnections();
  await until('it to go on', () => fetches > before + 500);
  await worker.stop();
  await fake.close();
});

test('a server that sends what is no job is lived with', async () => {
  const replies = [
    '{"jid":"job-00004","jobtype":"noop","args":[],"enqueued_at":5,"custom":null}',
    'null',
    '5',
    '"x"',
    '[]',
    '{}',
    'no JSON',
    '{"jid":"job-00001","jobtype":"add"}',
    '{"jid":"job-00002","jobtype":5,"args":{}}',
  ];
  const logs: string[] = [];
  let good = 0;
  const script = (line: string) => {
    if (/^(BEAT|ACK|FAIL)/.test(line)) return '+OK\r\n';
    if (!line.startsWith('FETCH')) return undefined;
    const job = replies.shift();
    if (job !== undefined) return bulk(job);
    good++;
    return bulk('{"jid":"job-00003","jobtype":"noop","args":[]}');
  };
  const fake = await FakeServer.start({ script });
  const worker = new Worker(workerOptions(fake.url, { slots: 2, log: (message) => logs.push(message) }));
  await worker.start();
  await until('good jobs again', () => good > 10);
  await worker.stop();
  assert.ok(
    logs.some((message) => /something that is no job, "null"/.test(message)),
    logs.join('\n'),
  );
  assert.equal(fake.linesLike(/^FAIL .*job-00001/).length, 1);
  assert.equal(fake.linesLike(/^FAIL .*job-00002/).length, 1);
  await fake.close();
});

test('connections that are reset in mid-run come back, and every job is done', async () => {
  await withServer(async ({ start, client, server, counts }) => {
    const proxy = await FaultProxy.start(server);
    const address = { host: proxy.host, port: proxy.port, password: null };
    const worker = await start({ address, slots: 50 });
    const done = () => worker.snapshot(false).totals.completed;
    for (let round = 0; round < 3; round++) {
      await client.pushBulk(
        Array.from({ length: 1000 }, (_, i) => ({
          jid: `job-${round}-${i}-xx`,
          jobtype: 'sleep',
          args: [1],
          queue,
          retry: 0,
        })),
      );
      const before = done();
      await until('some to be done', () => done() > before + 50);
      proxy.reset();
    }
    // Jobs that were on their way to a connection that went stay reserved, as nobody can tell.
    await until('the rest to be done', () => counts().queued === 0 && counts().working + counts().processed === 3000);
    await until('no more in flight', () => worker.snapshot(false).slots.running === 0);
    await worker.stop();
    const lost = counts().working;
    assert.ok(lost <= 3 * 50, `${lost} jobs went with their connections`);
    assert.equal(counts().processed, 3000 - lost);
    await client.flush();
    await proxy.close();
  });
});

test('a refused FETCH is said once and tried again', async () => {
  let refuse = true;
  const logs: string[] = [];
  const fake = await FakeServer.start({
    script: (line) => {
      if (/^(BEAT|ACK)/.test(line)) return '+OK\r\n';
      if (!line.startsWith('FETCH')) return undefined;
      return refuse ? '-ERR no such thing\r\n' : bulk('{"jid":"job-00003","jobtype":"noop","args":[]}');
    },
  });
  const worker = new Worker(workerOptions(fake.url, { log: (message) => logs.push(message) }));
  await worker.start();
  await until('all lanes to be refused', () => fake.linesLike(/^FETCH/).length >= 4);
  assert.deepEqual(logs, ['the job server refuses FETCH: ERR no such thing']);
  refuse = false;
  await until('jobs', () => worker.snapshot(false).totals.completed > 10);
  await worker.stop();
  await fake.close();
});

test('a server that is not there, or wants another password, is an error of one sentence', async () => {
  const leaks = watchLeaks();
  const fake = await FakeServer.start();
  const { url } = fake;
  await fake.close();
  await assert.rejects(new Worker(workerOptions(url)).start(), {
    code: 'ECONNREFUSED',
    message: /^nothing listens at tcp:\/\/127\.0\.0\.1:\d+: check the address/,
  });
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'secret' });
  const address = { host: server.host, port: server.port, password: 'wrong' };
  await assert.rejects(new Worker(workerOptions(server.url, { address })).start(), {
    code: 'EPASSWORD',
    message: /did not take the password/,
  });
  await server.close();
  await leaks.settle();
});

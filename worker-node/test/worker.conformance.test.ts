import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, parseServerUrl, type ServerInfo } from '@jobstorm/protocol';
import { isAlive, type RealFaktory, startRealFaktory, until } from '@jobstorm/testkit';
import { spawnWorker, withWorker } from './child-worker.ts';
import { queue } from './worker-rig.ts';

const patient = { timeoutMs: 60_000, intervalMs: 50 };
const dir = mkdtempSync(join(tmpdir(), 'jobstorm-worker-'));
const done = join(dir, 'done');
const jobsFile = join(dir, 'jobs.mjs');

let faktory: RealFaktory;
let client: Client;

before(async () => {
  faktory = await startRealFaktory();
  client = await Client.connect({ address: parseServerUrl(faktory.url) });
  // Notes the job once its time is over, as the last thing that it does.
  writeFileSync(
    jobsFile,
    `import { appendFileSync } from 'node:fs';
     export const note = (jid, ms) => new Promise((resolve) => setTimeout(() => {
       appendFileSync(${JSON.stringify(done)}, jid + '\\n');
       resolve();
     }, ms));`,
  );
});

after(async () => {
  await client?.close();
  await faktory?.close();
  rmSync(dir, { recursive: true });
});

const info = (): Promise<ServerInfo> => client.info();

/** Takes what is left in the queue, and acknowledges it. */
async function drain(): Promise<string[]> {
  const jids: string[] = [];
  for (let left = Number.POSITIVE_INFINITY; left > 0; left = (await info()).faktory.total_enqueued) {
    const count = Math.min(100, (await info()).faktory.total_enqueued);
    const jobs = await Promise.all(Array.from({ length: count }, () => client.fetch([queue])));
    jids.push(...jobs.map((job) => job!.jid));
    await Promise.all(jobs.map((job) => client.ack(job!.jid)));
  }
  return jids;
}

test('worker 6000, stopped in mid-run, leaves nothing reserved and every job done or queued', async () => {
  await client.flush();
  writeFileSync(done, '');
  const total = 30_000;
  const jids = Array.from({ length: total }, (_, i) => `job-${String(i).padStart(6, '0')}`);
  for (let from = 0; from < total; from += 1000) {
    const jobs = jids.slice(from, from + 1000).map((jid, i) => ({
      ...{ jid, jobtype: 'note', args: [jid, 100 + (i % 200)] },
      ...{ queue, retry: 0, reserve_for: 60 },
    }));
    assert.deepEqual(await client.pushBulk(jobs), {});
  }
  await withWorker(['6000', '--url', faktory.url, '--jobs', jobsFile], async ({ child, exit, processes }) => {
    await until('a good part to be done', async () => (await info()).faktory.total_processed > 4000, patient);
    const now = await info();
    assert.ok(now.server.connections - 1 < 64, `${now.server.connections - 1} connections`);
    assert.ok(now.faktory.tasks.Busy!.size! > 0, 'jobs were running');
    const pids = processes();
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
    assert.deepEqual(pids.filter(isAlive), []);
  });
  const left = await info();
  assert.equal(left.faktory.sets!.working, 0);
  assert.equal(left.faktory.tasks.Busy!.size, 0);
  assert.equal(left.faktory.total_failures, 0);
  const ran = readFileSync(done, 'utf8').split('\n').slice(0, -1);
  assert.equal(new Set(ran).size, ran.length, 'none ran twice');
  assert.equal(left.faktory.total_processed, ran.length);
  const queued = await drain();
  assert.ok(queued.length > 0, 'it was stopped in mid-run');
  assert.deepEqual([...ran, ...queued].sort(), jids);
});

test('stopped with all its FETCHes blocked on an empty queue, it leaves no reservation for what is pushed meanwhile', async () => {
  await client.flush();
  await withWorker(['6000', '--url', faktory.url], async ({ child, exit }) => {
    child.kill('SIGTERM');
    let pushed = 0;
    let ended = false;
    void exit.then(() => {
      ended = true;
    });
    while (!ended) {
      await client.push({ jid: `job-late-${pushed++}`, jobtype: 'noop', args: [], queue, retry: 0, reserve_for: 60 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(await exit, 0);
    const { faktory: counts } = await info();
    assert.equal(counts.sets!.working, 0);
    assert.equal(counts.total_failures, 0);
    assert.equal(counts.total_processed + counts.total_enqueued, pushed);
  });
});

test('failures go to the retries with what was thrown, unknown job types too', async () => {
  await client.flush();
  await withWorker(['100', '1', '--url', faktory.url], async ({ child, exit }) => {
    for (let i = 0; i < 20; i++)
      await client.push({ jid: `job-flaky-${i}`, jobtype: i < 10 ? 'flaky' : 'nosuch', args: [1], queue, retry: 3 });
    await until('all to fail', async () => (await info()).faktory.sets!.retries === 20, patient);
    // Now: they may fall due again before the worker has ended.
    assert.equal((await info()).faktory.total_failures, 20);
    child.kill('SIGTERM');
    assert.equal(await exit, 0);
  });
  assert.equal((await info()).faktory.sets!.working, 0);
  await client.mutate({ cmd: 'requeue', target: 'retries', filter: { jids: ['job-flaky-0', 'job-flaky-10'] } });
  const messages: unknown[] = [];
  // Others may have fallen due by now, if the worker took its time to stop.
  while (messages.length < 4) {
    const job = await client.fetch([queue]);
    if (['job-flaky-0', 'job-flaky-10'].includes(job!.jid)) messages.push(job!.failure?.errtype, job!.failure?.message);
    await client.ack(job!.jid);
  }
  const text = messages.join('\n');
  assert.match(text, /^Error\nfailed on purpose/m);
  assert.match(text, /^UnknownJobtype\nthis worker has no handler for "nosuch"/m);
});

test('a wrong password is said, with exit code 1', async () => {
  const locked = await startRealFaktory({ password: 'secret' });
  try {
    const worker = spawnWorker(['10', '1'], {
      FAKTORY_URL: `tcp://${locked.host}:${locked.port}`,
      FAKTORY_PASSWORD: 'tried',
    });
    assert.equal(await worker.exit, 1);
    assert.match(worker.output(), /did not take the password: check FAKTORY_PASSWORD/);
  } finally {
    await locked.close();
  }
});

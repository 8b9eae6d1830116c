import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { descendants, isAlive, until } from '@jobstorm/testkit';
import { NativeEngine } from '../../../src/operate/native/engine.ts';
import { checkout, connect, plainEnv } from './checkout.ts';

test('up, jobs done, status, up again, other settings, down: nothing is left', async (t) => {
  const { dir, engine, told, ports, serverPlan, workerPlan, pidOf } = await checkout(t);
  const { lines } = await engine.upServer(serverPlan);
  assert.match(lines.join('\n'), /server-node stands in for Faktory/);
  assert.match(told.join('\n'), new RegExp(`server started \\(pid \\d+\\) at 127\\.0\\.0\\.1:${ports.faktory}`));
  assert.match((await engine.upWorker(workerPlan)).lines.join(), /worker: 10 slots in one process.*, fetching from/);

  const client = await connect(ports.faktory);
  await client.push({ jid: 'native-job-1', jobtype: 'add', args: [1, 2], queue: 'jobstorm' });
  await until('the job to be done', async () => (await client.info()).faktory.total_processed === 1);

  const states = await engine.status();
  assert.deepEqual(
    states.map(({ part, state, health, address }) => [part, state, health, address]),
    [
      ['server', 'running', 'healthy', `127.0.0.1:${ports.faktory}`],
      ['api', 'running', 'healthy', `127.0.0.1:${ports.api}`],
      ['dashboard', 'running', 'healthy', `127.0.0.1:${ports.dashboard}`],
      ['worker', 'running', 'healthy', null],
    ],
  );

  const [server, api, worker] = (['server', 'api', 'worker'] as const).map(pidOf);
  assert.match((await engine.upServer(serverPlan)).lines.join(), /run already with these settings/);
  assert.match((await engine.upWorker(workerPlan)).lines.join(), /runs already with these settings/);
  assert.deepEqual([pidOf('server'), pidOf('api'), pidOf('worker')], [server, api, worker]);

  const larger = { ...serverPlan, env: { ...plainEnv, BATCH_MAX_SIZE: '500' } };
  assert.match(
    (await engine.upServer(larger)).lines.join(),
    new RegExp(`api \\(pid ${api}\\) ended to be started anew`),
  );
  assert.equal(pidOf('server'), server);
  assert.notEqual(pidOf('api'), api);

  const parts = join(dir, '.jobstorm', 'parts');
  const files = readdirSync(parts).map((file) => join(parts, file));
  assert.equal(files.length, 4);
  for (const file of files) {
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(file, 'utf8'), /sesame|open-up/);
  }
  assert.match(
    (await engine.leftovers()).join('\n'),
    /worker \(pid \d+\), running\nlogs of server, api, dashboard, worker/,
  );
  await client.close();
  assert.deepEqual(
    (await engine.down('worker')).map((line) => line.replace(/\d+/, 'N')),
    ['worker (pid N) ended'],
  );
  assert.deepEqual(
    (await engine.down('all')).map((line) => line.replace(/\d+/, 'N')),
    ['api (pid N) ended', 'dashboard (pid N) ended', 'server (pid N) ended, with the jobs in its memory'],
  );
  assert.deepEqual([await engine.down('all'), await engine.status(), readdirSync(parts)], [[], [], []]);
  assert.deepEqual(await engine.clean(), ['logs of server, api, dashboard, worker in .jobstorm/logs: deleted']);
  assert.equal(existsSync(join(dir, '.jobstorm', 'logs')), false);
});

test("a worker is replaced after its jobs have ended, and not at all by one that can't work", async (t) => {
  const { engine, ports, serverPlan, workerPlan, pidOf } = await checkout(t);
  await engine.upServer(serverPlan);
  await engine.upWorker(workerPlan);
  const first = pidOf('worker')!;
  await assert.rejects(engine.upWorker({ ...workerPlan, password: 'wrong' }), /password/);
  assert.equal(pidOf('worker'), first);
  assert.ok(isAlive(first));

  const client = await connect(ports.faktory);
  await client.push({ jid: 'native-job-2', jobtype: 'sleep', args: [400], queue: 'jobstorm' });
  await until('the job to run', async () => (await client.info()).faktory.sets?.working === 1);
  const { lines } = await engine.upWorker({ ...workerPlan, concurrency: 20 });
  assert.match(lines.join('\n'), new RegExp(`worker \\(pid ${first}\\) ended to be started anew`));
  const { faktory } = await client.info();
  assert.deepEqual([faktory.total_processed, faktory.total_failures], [1, 0]);
  assert.notEqual(pidOf('worker'), first);
  await client.close();
});

test('a part that fails: the end of its log, and all that was started is ended', async (t) => {
  const { before, engine, serverPlan, pidOf } = await checkout(t);
  const bad = { ...serverPlan, env: { ...plainEnv, BATCH_MAX_SIZE: 'lots' } };
  await assert.rejects(engine.upServer(bad), (error: Error) => {
    assert.match(error.message, /^the api ended with exit code 104 .*\.jobstorm\/logs\/api\.log/);
    assert.match(error.message, /BATCH_MAX_SIZE: got "lots"/);
    return true;
  });
  assert.deepEqual([pidOf('server'), pidOf('api'), pidOf('dashboard')], [undefined, undefined, undefined]);
  assert.deepEqual(descendants(), before);
});

test('what ran before a failed start goes on running', async (t) => {
  const { engine, serverPlan, pidOf } = await checkout(t);
  await engine.upServer(serverPlan);
  const [server, dashboard] = (['server', 'dashboard'] as const).map(pidOf);
  await assert.rejects(engine.upServer({ ...serverPlan, env: { ...plainEnv, BATCH_MAX_SIZE: 'lots' } }));
  assert.deepEqual([pidOf('server'), pidOf('dashboard'), pidOf('api')], [server, dashboard, undefined]);
  assert.ok(isAlive(server!) && isAlive(dashboard!));
});

test('ports that are taken are named with the variables that move them, before anything is started', async (t) => {
  const { engine, serverPlan, ports } = await checkout(t);
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(ports.api, '127.0.0.1', done));
  const expected = { code: 'EADDRINUSE', message: new RegExp(`port ${ports.api} is in use .* API_PORT`) };
  await assert.rejects(engine.upServer(serverPlan), expected);
  assert.deepEqual(await engine.status(), []);
  await new Promise((done) => taken.close(done));
});

test('two at the same time: one starts the parts, the other finds them', async (t) => {
  const { engine, dir, serverPlan } = await checkout(t);
  const other = new NativeEngine(dir, () => {}, { host: '127.0.0.1' });
  const both = await Promise.all([engine.upServer(serverPlan), other.upServer(serverPlan)]);
  assert.equal(both.filter(({ lines }) => /run already/.test(lines.join())).length, 1);
  assert.equal((await engine.status()).length, 3);
});

test('ctrl-C in the middle: what was started is ended', async (t) => {
  const { before, engine, serverPlan, told, pidOf } = await checkout(t);
  const upping = engine.upServer(serverPlan);
  upping.catch(() => {});
  await until('the server to be started', () => told.some((line) => /^server started/.test(line)), {
    timeoutMs: 30_000,
  });
  process.emit('SIGINT');
  await assert.rejects(upping, { code: 'EINTERRUPTED' });
  assert.equal(pidOf('server'), undefined);
  assert.deepEqual(descendants(), before);
});

test('one that does not end within its grace is killed, and one that had ended is said', async (t) => {
  const { engine, serverPlan, pidOf } = await checkout(t, { graceMs: { api: 100 } });
  await engine.upServer(serverPlan);
  const [server, api] = (['server', 'api'] as const).map((part) => pidOf(part)!);
  process.kill(server!, 'SIGKILL');
  await until('the server to be gone', () => !isAlive(server!));
  assert.deepEqual(
    (await engine.status()).find(({ part }) => part === 'server'),
    { part: 'server', name: `pid ${server}`, state: 'exited', health: null, since: null, address: null },
  );
  assert.equal((await engine.status()).find(({ part }) => part === 'api')?.health, 'unhealthy');
  process.kill(api!, 'SIGSTOP'); // it hears no SIGTERM
  const words = (await engine.down('server')).join('\n');
  assert.match(words, new RegExp(`api \\(pid ${api}\\) did not end within 0\\.1 s and was killed`));
  assert.match(
    words,
    new RegExp(`server \\(pid ${server}\\) had ended by itself; its log is \\.jobstorm/logs/server\\.log`),
  );
});

test('logs of a part that does not exist', async (t) => {
  const { engine, told } = await checkout(t);
  await assert.rejects(
    engine.logs('wroker', false),
    /"wroker" is no part .*expected server, faktory, api, dashboard, worker/,
  );
  assert.equal(await engine.logs('worker', false), 0);
  assert.match(told.join(), /no log yet/);
});

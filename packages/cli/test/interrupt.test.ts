import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { RunResult } from '@jobstorm/loadtest';
import { descendants, isAlive, until } from '@jobstorm/testkit';
import { Interrupt } from '../src/interrupt.ts';
import { Nest } from '../src/nest.ts';
import { jsonPath, startCli } from './run-cli.ts';

/** A run that would take hours, seen to be under way. */
async function longRun(t: TestContext, args: string[] = []) {
  const json = jsonPath();
  const sleepers = ['--service-time', '200ms', '--concurrency', '20', '--cpus', '1'];
  const run = startCli(['perf-test', '1000000', ...sleepers, '--json', json, ...args]);
  t.after(() => run.child.kill('SIGKILL'));
  await until('some jobs done', () => /[1-9][\d,]*\/1,000,000 done/.test(run.stdout()), { timeoutMs: 60_000 });
  const pids = descendants(run.pid);
  assert.ok(pids.length >= 4, 'server, api, worker and its process');
  const read = () => JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  const noneLeft = () => until('all processes gone', () => !pids.some(isAlive), { timeoutMs: 30_000 });
  return { run, pids, read, noneLeft };
}

test('ctrl-C: partial result, --json, 105, no process left', async (t) => {
  const { run, read, noneLeft } = await longRun(t);
  process.kill(run.pid, 'SIGINT');
  const { code, stdout } = await run.ended;
  assert.equal(code, 105);
  assert.match(stdout, /[1-9]\d* of [\d,]+ jobs completed/);
  assert.match(stdout, /interrupted: [\d,]+ accepted jobs were not seen completed/);
  assert.doesNotMatch(stdout, /hang up|ECONNRESET|ClientDestroyed/);
  await noneLeft();
  const result = read();
  assert.ok(result.jobs.completed > 0);
  assert.equal(result.jobs.lost, null);
});

test('ctrl-C twice: at once, 105, no process left', async (t) => {
  const { run, noneLeft } = await longRun(t);
  process.kill(run.pid, 'SIGINT');
  process.kill(run.pid, 'SIGINT');
  const second = setInterval(() => run.child.kill('SIGINT'), 20);
  const { code } = await run.ended;
  clearInterval(second);
  assert.equal(code, 105);
  await noneLeft();
});

test('ctrl-C twice: what takes back jobs from a server gets a moment, and no longer than to a third one', async (t) => {
  const exits: unknown[] = [];
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(process, 'exit', (code: unknown) => exits.push(code));
  const nest = new Nest();
  const press = async (times: number) => {
    exits.length = 0;
    const interrupt = new Interrupt(() => {
      nest.kill();
      return nest.unfinished;
    });
    for (let time = 0; time < times; time++) process.emit('SIGHUP');
    interrupt.release();
    await new Promise((resolve) => setImmediate(resolve));
  };
  await press(2);
  assert.deepEqual(exits, [105]);

  let done = () => {};
  const work = nest.finish(new Promise<void>((resolve) => (done = resolve)));
  await press(3);
  assert.deepEqual(exits, [105]);
  await press(2);
  assert.deepEqual(exits, []);
  t.mock.timers.tick(1000);
  assert.deepEqual(exits, [105, 105], 'of both that waited');
  await press(2);
  assert.deepEqual(exits, []);
  done();
  await work;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(new Set(exits), new Set([105]));
  assert.equal(nest.unfinished, null);
});

test('ctrl-C while the cluster boots: 105, no process left', async (t) => {
  const run = startCli(['perf-test', '1000']);
  t.after(() => run.child.kill('SIGKILL'));
  const pids = await until(
    'a part to be started',
    () => {
      const found = descendants(run.pid);
      return found.length > 0 && found;
    },
    { timeoutMs: 60_000, intervalMs: 1 },
  );
  process.kill(run.pid, 'SIGINT');
  assert.equal((await run.ended).code, 105);
  await until('all processes gone', () => !pids.some(isAlive), { timeoutMs: 10_000 });
});

test('the command killed with -9: its parts end by themselves', async (t) => {
  const { run, noneLeft } = await longRun(t);
  process.kill(run.pid, 'SIGKILL');
  await run.ended;
  await noneLeft();
});

test('the worker killed with -9: the run ends, says what is missing, 112', async (t) => {
  const { run, pids, read, noneLeft } = await longRun(t);
  const worker = running(/worker-node\/src\/main/, pids);
  process.kill(worker, 'SIGKILL');
  const { code, stdout } = await run.ended;
  assert.equal(code, 112, stdout);
  assert.match(stdout, new RegExp(`the worker \\(pid ${worker}\\) was ended by SIGKILL`));
  assert.match(stdout, /no worker is left: [\d,]+ accepted jobs were not seen completed, sequence numbers \d/);
  assert.ok(read().jobs.lost! > 0);
  await noneLeft();
});

/** The process among them that runs that program. */
function running(program: RegExp, pids: readonly number[]): number {
  const found = pids.find((pid) =>
    program.test(execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })),
  );
  assert.ok(found, `no process runs ${program}`);
  return found;
}

test('one process of the worker killed with -9: the run says which worker went and what is missing', async (t) => {
  const json = jsonPath();
  const args = [
    '1000',
    '--service-time',
    '100ms',
    '--concurrency',
    '20',
    '--cpus',
    '1',
    '--patience',
    '15s',
    '--json',
    json,
  ];
  const run = startCli(['perf-test', ...args]);
  t.after(() => run.child.kill('SIGKILL'));
  await until('some jobs done', () => /[1-9][\d,]*\/1,000 done/.test(run.stdout()), { timeoutMs: 60_000 });
  const child = running(/worker-node\/src\/process/, descendants(run.pid));
  process.kill(child, 'SIGKILL');
  const { code, stdout } = await run.ended;
  assert.equal(code, 112, stdout);
  assert.match(stdout, /nothing moved for 15 s .*: \d+ accepted jobs were not seen completed, sequence numbers \d/);
  assert.match(stdout, new RegExp(`worker process ${child} .* went away`));
  const { jobs } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  // What its 20 slots held, and what it had done (200 a second) since the last snapshot that it could send.
  assert.ok(jobs.lost! > 0 && jobs.lost! <= 220, `${jobs.lost} lost`);
});

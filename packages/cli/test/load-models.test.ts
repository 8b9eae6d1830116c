// Whole runs of the load models, each on a local cluster of its own.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import type { RunResult } from '@jobstorm/loadtest';
import { startServer } from '@jobstorm/server-node';
import { Reporter } from '@jobstorm/telemetry';
import { descendants, until } from '@jobstorm/testkit';
import { idleHello, idleWorker } from './idle-worker.ts';
import { jsonPath, runCli, startCli } from './run-cli.ts';

/** Empty for one that has gone. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const readResult = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as RunResult;

/** Runs it, and checks that all jobs were completed once. How well this machine keeps up is not what is tested. */
async function goodRun(args: string[], jobs: number): Promise<{ result: RunResult; stdout: string }> {
  const json = jsonPath();
  const { code, stdout, stderr } = await runCli(['perf-test', ...args, '--json', json]);
  const result = readResult(json);
  const { completed, lost, duplicated, unexpected } = result.jobs;
  assert.deepEqual([completed, lost, duplicated, unexpected], [jobs, 0, 0, 0], `${stdout}\n${stderr}`);
  assertNoFault(code, result);
  return { result, stdout };
}

/** But for a generator that was short of CPU. */
function assertNoFault(code: number | null, { invalidBecause }: RunResult): void {
  const others = invalidBecause.filter((reason) => !/event loop|stood still|control room took/.test(reason));
  assert.deepEqual([others, code], [[], invalidBecause.length === 0 ? 0 : 111]);
}

test('--drain and --phase: the worker starts when all jobs are queued, and only what was asked for is measured', async () => {
  const drain = await goodRun(['300', '--drain', '--cpus', '1'], 300);
  const [tide] = drain.result.load.tides;
  assert.deepEqual([tide?.jobs, tide?.depth], [300, 300]);
  assert.ok((tide?.drainS ?? 0) > 0);
  assert.match(drain.stdout, /drain {2}300 waiting, drained in/);
  const enqueue = (await goodRun(['300', '--phase', 'enqueue', '--cpus', '1'], 300)).result;
  assert.ok(enqueue.throughput.submitPerS! > 0);
  assert.deepEqual(
    [enqueue.throughput.completePerS, enqueue.latencyUs.endToEnd, enqueue.cpu.workers],
    [null, null, null],
  );
});

test('--tides: each part comes when the one before has drained; --duration keeps a backlog', async () => {
  const { result, stdout } = await goodRun(['90', '--tides', '3', '--cpus', '1'], 90);
  assert.deepEqual(
    result.load.tides.map(({ jobs }) => jobs),
    [30, 30, 30],
  );
  assert.ok(result.load.tides.every(({ drainS, buildS }) => drainS !== null && buildS !== null));
  assert.match(stdout, /tides {2}30 submitted in/);
  const json = jsonPath();
  const { code } = await runCli(['perf-test', '--duration', '300ms', '--backlog', '50', '--cpus', '1', '--json', json]);
  const kept = readResult(json);
  const { jobs, load } = kept;
  assertNoFault(code, kept);
  assert.deepEqual([load.model, jobs.lost], ['backlog', 0]);
  assert.ok(jobs.submitted >= 50 && jobs.completed === jobs.submitted);
});

test('--generators: each sends its share, and one that is killed makes the run not valid', async () => {
  const { result } = await goodRun(['200', '--generators', '2', '--cpus', '1'], 200);
  assert.deepEqual([result.latencyUs.submit?.count, result.cpu.generator?.capCores], [200, 2]);
  const json = jsonPath();
  const args = ['perf-test', '--rate', '100', '--duration', '3s', '--generators', '2', '--cpus', '1', '--json', json];
  const { child, stdout, ended } = startCli(args);
  await until('jobs to be sent', () => /[1-9]\d* submitted/.test(stdout()), { timeoutMs: 60_000 });
  const pid = descendants(child.pid!).find((each) => commandOf(each).includes('generator-main'));
  assert.ok(pid, stdout());
  process.kill(pid, 'SIGKILL');
  assert.equal((await ended).code, 111);
  const { jobs, invalidBecause } = readResult(json);
  assert.match(
    invalidBecause.join(),
    /no answer came, so it is not known .* the generator \(pid \d+\) was ended by SIGKILL/,
  );
  assert.deepEqual([jobs.submitted, jobs.lost, jobs.duplicated, jobs.unexpected], [300, 0, 0, 0]);
});

test('a worker that is there already can not be held back, and that is said', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0 });
  const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
  const reporter = new Reporter({ url: room.url, hello: idleHello('w1', 'here'), snapshot: () => idleWorker() });
  await until('the worker to be seen', async () => (await room.room.workers()).length === 1);
  const { code, stderr } = await runCli(['perf-test', '10', '--drain', '--url', server.url, '--control', room.url]);
  assert.match(stderr, /1 worker process is there already: end them \(just down worker\)/);
  assert.equal(code, 1);
  await reporter.close();
  await room.close();
  await server.close();
});

test('--scenario: a file of one’s own, mixed, with failures that are retried by nobody, and a list of the ready ones', async () => {
  const json = jsonPath();
  const yaml =
    'jobs:\n  - {type: add, weight: 3}\n  - {type: sleep, service: 1ms, fail: 0.2, queue: slow, queues: 2}\n';
  const args = ['perf-test', '200', '--scenario', './own.yaml', '--seed', '5', '--cpus', '1', '--json', json];
  const { code, stdout } = await runCli(args, {}, (cwd) => writeFileSync(`${cwd}/own.yaml`, yaml));
  const result = readResult(json);
  const { jobs } = result;
  assertNoFault(code, result);
  assert.deepEqual([jobs.lost, jobs.completed + jobs.failed], [0, 200], stdout);
  assert.ok(jobs.failed > 0 && jobs.failed < 40, `${jobs.failed} failed`);
  const bad = await runCli(['perf-test', '--scenario', 'x.yaml'], {}, (cwd) =>
    writeFileSync(`${cwd}/x.yaml`, 'jobs:\n  - typ: add\n'),
  );
  assert.equal(bad.code, 104);
  assert.match(bad.stderr, /x\.yaml:2:5: "typ" is not known here/);
  const list = await runCli(['perf-test', '--scenario', 'list']);
  assert.deepEqual([list.code, /^ {2}turbine /m.test(list.stdout)], [0, true]);
});

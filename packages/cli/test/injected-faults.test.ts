// Faults of measuring and of the measured, made on purpose with real processes: each has its exit code.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { RunResult } from '@jobstorm/loadtest';
import { startServer } from '@jobstorm/server-node';
import { RawConnection, until } from '@jobstorm/testkit';
import { jsonPath, runCli, startCli } from './run-cli.ts';

const readResult = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as RunResult;
const someDone = { timeoutMs: 60_000 };

test('a generator that stands still: not valid, 111, though its threshold failed too', async (t) => {
  const json = jsonPath();
  const args = ['--rate', '300', '--duration', '6s', '--cpus', '1', '--threshold', 'latency.p50<1us', '--json', json];
  const run = startCli(['perf-test', ...args]);
  t.after(() => run.child.kill('SIGKILL'));
  await until('some jobs done', () => /[1-9][\d,]*\/1,800 done/.test(run.stdout()), someDone);
  run.child.kill('SIGSTOP');
  // Its limit is 2 s of standing still, by the clock of the one that stands still.
  await new Promise((resolve) => setTimeout(resolve, 2300));
  run.child.kill('SIGCONT');
  const { code, stdout } = await run.ended;
  assert.equal(code, 111, stdout);
  assert.match(stdout, /not valid {3}the generator .*(stood still for 2\d\d\d ms|late at p99)/);
  const { valid, thresholds } = readResult(json);
  assert.deepEqual([valid, thresholds[0]?.passed], [false, false]);
});

test('a job that somebody takes and acknowledges without the run: lost, 112', async (t) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: null });
  t.after(() => server.close());
  const thief = await RawConnection.greeted({ port: server.port });
  t.after(() => thief.destroy());
  const json = jsonPath();
  const url = `tcp://127.0.0.1:${server.port}`;
  const run = startCli([
    'perf-test',
    '60',
    '--url',
    url,
    '--queue',
    'robbed',
    '--concurrency',
    '1',
    '--cpus',
    '1',
    '--service-time',
    '50ms',
    '--json',
    json,
  ]);
  t.after(() => run.child.kill('SIGKILL'));
  const takenByThief = async () => {
    const reply = await thief.call('FETCH robbed');
    const text = /\r\n(.+)$/s.exec(reply ?? '')?.[1];
    return text === undefined ? null : (JSON.parse(text) as { jid: string }).jid;
  };
  const jid = await until('the thief to get a job', takenByThief, someDone);
  await thief.call(`ACK ${JSON.stringify({ jid })}`);
  const { code, stdout } = await run.ended;
  assert.equal(code, 112, stdout);
  assert.equal(readResult(json).jobs.lost, 1, stdout);
});

test('--threshold-abort ends the run early, 99', async () => {
  const json = jsonPath();
  const threshold = ['--threshold', 'latency.p50<1us@1s', '--threshold-abort'];
  const { code, stdout } = await runCli([
    'perf-test',
    '--rate',
    '100',
    '--duration',
    '60s',
    '--cpus',
    '1',
    ...threshold,
    '--json',
    json,
  ]);
  assert.equal(code, 99, stdout);
  assert.match(stdout, /ended early, since latency.p50<1us@1s did not hold/);
  const { jobs, thresholds } = readResult(json);
  assert.ok(jobs.submitted < 6000, `${jobs.submitted} of 6,000 submitted`);
  assert.equal(thresholds[0]?.passed, false);
});

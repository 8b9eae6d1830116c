import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { RunResult, StreamLine } from '@jobstorm/loadtest';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { descendants, freePort } from '@jobstorm/testkit';
import { jsonPath, readResult, runCli } from './run-cli.ts';

/** Runs it, and checks that all jobs were completed once. */
async function goodRun(args: string[], jobs: number): Promise<{ result: RunResult; stdout: string }> {
  const json = jsonPath();
  const { code, stdout, stderr } = await runCli(['perf-test', ...args, '--json', json]);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const result = readResult(json);
  const { completed, lost, duplicated, unexpected } = result.jobs;
  assert.deepEqual(
    [completed, lost, duplicated, unexpected, result.valid],
    [jobs, 0, 0, 0, true],
    result.invalidBecause.join(),
  );
  return { result, stdout };
}

test('a small run on a local cluster: everything of the contract is measured', async () => {
  const before = descendants();
  const jsonl = `${jsonPath()}l`;
  const { result, stdout } = await goodRun(['200', '--concurrency', '50', '--cpus', '1', '--jsonl', jsonl], 200);
  assert.match(stdout, /^cluster: a local one.* server-node, in memory: not your Faktory\n/);
  assert.match(stdout, /200 of 200 jobs completed/);
  assert.match(stdout, /batching {2}cost .* at p50; .* in place of 200\n/);
  assert.equal(result.batching?.jobs, 200);
  assert.match(stdout, /limited by {2}too-short/);

  assert.equal(result.schemaVersion, 1);
  assert.deepEqual([result.jobs.submitted, result.jobs.accepted, result.jobs.failed], [200, 200, 0]);
  for (const [phase, latency] of Object.entries(result.latencyUs)) {
    if (phase === 'sendLag' || phase === 'fireLag') assert.match(result.notMeasured[`latencyUs.${phase}`]!, /./);
    else assert.equal(latency?.count, 200, phase);
  }
  for (const [part, cpu] of Object.entries(result.cpu)) assert.equal(typeof cpu?.usedCores, 'number', part);
  for (const [figure, value] of Object.entries(result.cost)) assert.ok((value ?? 0) > 0, figure);
  assert.equal(result.cpu.workers?.capCores, 1);
  assert.equal(result.throughput.steadyWindowS, null);
  assert.ok(result.throughput.completePerS! > 0 && result.throughput.submitPerS! > 0);
  assert.equal(result.queue.depthEnd, 0);
  assert.equal(result.verdict.bottleneck, 'too-short');
  assert.equal(result.config.concurrency, 50);
  assert.match(result.run.command, /^jobstorm perf-test 200 /);
  const lines = readFileSync(jsonl, 'utf8').trimEnd().split('\n');
  const [header, ...rest] = lines.map((line) => JSON.parse(line) as StreamLine);
  assert.equal(header!.type, 'header');
  const samples = rest.filter((line) => line.type === 'sample');
  assert.equal(
    samples.reduce((sum, { counts }) => sum + counts.completed, 0),
    200,
  );
  assert.ok(samples.every(({ parts }) => parts.workers !== null && parts.server !== null && parts.api !== null));
  assert.deepEqual(rest.at(-1), { type: 'end', result });
  assert.deepEqual(descendants(), before, 'a process of the cluster is left');
});

for (const via of ['api', 'direct']) {
  test('what limits a run is said while it goes', async () => {
    const jsonl = `${jsonPath()}l`;
    const few = ['--service-time', '100ms', '--concurrency', '10', '--cpus', '1'];
    const { result } = await goodRun(['250', ...few, '--jsonl', jsonl], 250);
    const lines = readFileSync(jsonl, 'utf8').trimEnd().split('\n');
    const said = lines.map((line) => JSON.parse(line) as StreamLine).filter((line) => line.type === 'verdict');
    assert.ok(said.length >= 1, lines.length.toString());
    for (const { evidence, advice } of said) assert.ok(evidence.length > 0 && advice.length > 0);
    assert.ok(
      said.some(({ bottleneck }) => bottleneck === result.verdict.bottleneck),
      `${said.map(({ bottleneck }) => bottleneck)}, in the end ${result.verdict.bottleneck}`,
    );
  });

  test(`--via ${via}`, async () => {
    const { result } = await goodRun(['150', '--via', via, '--cpus', '1'], 150);
    assert.equal(result.cpu.api === null, via === 'direct');
    assert.equal(result.latencyUs.submit?.count, 150);
  });
}

test('an open run is paced, and its latency counts from the planned time', async () => {
  const { result, stdout } = await goodRun(['--rate', '200', '--duration', '500ms', '--cpus', '1'], 100);
  assert.match(stdout, /at the stated rate/);
  assert.ok(result.throughput.submitPerS! < 300, `${result.throughput.submitPerS} jobs/s`);
});

test('a named server is used and said, its other queues stay untouched, and nothing is flushed', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'sesame' });
  const address = { ...parseServerUrl(server.url), password: 'sesame' };
  const client = await Client.connect({ address });
  await client.push({ jid: 'precious-1', jobtype: 'add', args: [1, 2], queue: 'default' });
  const url = `tcp://:sesame@127.0.0.1:${server.port}`;
  const { result, stdout } = await goodRun(['120', '--url', url, '--cpus', '1'], 120);
  assert.match(stdout, new RegExp(`^cluster: tcp://127\\.0\\.0\\.1:${server.port}`));
  assert.doesNotMatch(stdout + JSON.stringify(result), /sesame/);
  assert.equal(result.cpu.server, null);
  assert.match(result.notMeasured['cpu.server']!, /not started by this run/);
  assert.equal((await client.fetch(['default']))?.jid, 'precious-1');
  await client.close();
  await server.close();
});

test('jobs that fail are counted and are no loss', async () => {
  const { code, stdout } = await runCli(['perf-test', '100', '--jobtype', 'flaky', '--fail-share', '1', '--cpus', '1']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /0 of 100 jobs completed/);
  assert.match(stdout, /failed 100 .* lost 0/);
});

test('nobody listens: the address and what to check, exit 1, and --json is written', async () => {
  const port = await freePort();
  const json = jsonPath();
  const { code, stderr } = await runCli(['perf-test', '10', '--json', json], {
    FAKTORY_SERVER_IP: `127.0.0.1:${port}`,
  });
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port}.*check`));
  const result = readResult(json);
  assert.deepEqual([result.valid, result.jobs.submitted], [false, 0]);
  assert.match(result.invalidBecause.join(), new RegExp(String(port)));
});

test('a wrong or missing password is said, exit 1', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'sesame' });
  for (const env of [{}, { FAKTORY_PASSWORD: 'open' }]) {
    const { code, stderr } = await runCli(['perf-test', '10', '--url', `tcp://127.0.0.1:${server.port}`], env);
    assert.equal(code, 1);
    assert.match(stderr, /password/);
  }
  await server.close();
});

test('a server that takes the connection and says nothing: an error within 5 s', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  const { port } = silent.address() as { port: number };
  const { code, stderr } = await runCli(['perf-test', '10', '--url', `tcp://127.0.0.1:${port}`]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port}`));
  await new Promise((done) => silent.close(done));
});

test('a port that is taken is named', async () => {
  const taken = createServer(() => {});
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const { port } = taken.address() as { port: number };
  for (const part of ['server', 'api', 'dashboard']) {
    const { code, stderr } = await runCli([part, '--listen', `127.0.0.1:${port}`]);
    assert.equal(code, 1, `${part}: ${stderr}`);
    assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port}`), part);
  }
  await new Promise((done) => taken.close(done));
});

test('a threshold that fails: 99', async () => {
  const { code, stdout } = await runCli(['perf-test', '50', '--cpus', '1', '--threshold', 'latency.p99<1us']);
  assert.equal(code, 99, stdout);
  assert.match(stdout, /latency\.p99<1us: [\d.]+ (us|ms|s) FAILED/);
});

test('a part that does not start: its own sentence and exit code, and nothing is left', async () => {
  const before = descendants();
  const { code, stderr } = await runCli(['perf-test', '10'], { BATCH_MAX_SIZE: 'lots' });
  assert.equal(code, 104, stderr);
  assert.match(stderr, /^jobstorm perf-test: BATCH_MAX_SIZE: got "lots"/);
  assert.deepEqual(descendants(), before);
});

// A run on a cluster that runs already, as just server leaves one behind: which parts are used, what they are shown, and what happens
// when they turn the command away.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startApi } from '@jobstorm/api-service';
import { type ControlRoom, startControlRoom } from '@jobstorm/dashboard';
import type { RunResult } from '@jobstorm/loadtest';
import { Client } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { type CurrentCluster, writeCurrent } from '../src/current.ts';
import { faktory } from './measured.ts';
import { jsonPath, runCli } from './run-cli.ts';

interface Running {
  password: string | null;
  current: CurrentCluster;
  control: string;
  room: ControlRoom;
  /** Jobs that the server has ever been given. */
  pushed(): Promise<number>;
}

const small = ['--cpus', '1', '--concurrency', '10'];
const batch = { maxSize: 100, maxDelayMs: 10, auto: true, adaptive: true };

/** A job server with its api-service and control room, which ask for that token; on ports that nobody guesses. */
async function cluster(
  t: TestContext,
  { token, password = null }: { token: string | null; password?: string | null },
): Promise<Running> {
  const server = await startServer({ host: '127.0.0.1', port: 0, ...(password === null ? {} : { password }) });
  const address = { host: '127.0.0.1', port: server.port, password };
  const url = `tcp://127.0.0.1:${server.port}`;
  const room = await startControlRoom({ host: '127.0.0.1', port: 0, token, url, password });
  const api = await startApi({
    host: '127.0.0.1',
    port: 0,
    address,
    batch,
    queue: 'jobstorm',
    token,
    control: room.url.replace('http', 'ws'),
  });
  const client = await Client.connect({ address });
  t.after(async () => {
    await client.close();
    await api.close();
    await room.close();
    await server.close();
  });
  const current = {
    url,
    api: api.url,
    control: room.url,
    startedAt: new Date().toISOString(),
    by: 'server',
    engine: 'native',
  } as const;
  const pushed = async () =>
    (await client.info()).faktory.total_enqueued + (await client.info()).faktory.total_processed;
  return { password, current, control: room.url, room: room.room, pushed };
}

const noted =
  (running: Running, env = '') =>
  (cwd: string) => {
    writeCurrent(cwd, running.current);
    writeFileSync(join(cwd, '.env'), env);
  };

test('a bare command uses the cluster that was started here, and needs no more than its password', async (t) => {
  const running = await cluster(t, { token: 'secret', password: 'sesame' });
  const { code, stdout, stderr } = await runCli(
    ['perf-test', '100', ...small],
    {},
    noted(running, 'FAKTORY_PASSWORD=sesame\n'),
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, new RegExp(`^cluster: ${running.current.url}, started here at .*, queue jobstorm\n`));
  assert.match(stdout, new RegExp(`api-service: the one at ${running.current.api}`));
  assert.match(stdout, new RegExp(`control room: the one at ${running.current.control}`));
  assert.match(stdout, /100 of 100 jobs completed/);
  assert.doesNotMatch(stdout + stderr, /sesame|secret/);
  assert.equal(running.room.runs()[0]?.completed, 100, 'its worker reported there');
});

test('the token alone will do for a server without a password, also with an api-service of its own', async (t) => {
  const running = await cluster(t, { token: 'secret' });
  for (const url of [running.current.url, running.current.url.replace('127.0.0.1', 'localhost')]) {
    const args = ['perf-test', '50', ...small, '--url', url, '--control', running.control];
    const { code, stdout, stderr } = await runCli(args, { JOBSTORM_TOKEN: 'secret' });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`^cluster: ${url}, named by --url`));
    assert.match(stdout, /api-service: one of its own/);
    assert.match(stdout, /50 of 50 jobs completed/);
  }
});

test('a part that turns the command away is an error in one sentence, and no job is sent', async (t) => {
  const running = await cluster(t, { token: 'secret' });
  const { url, api } = running.current;
  for (const [flag, at] of [
    ['--api', api],
    ['--control', running.control],
  ] as const) {
    for (const env of [{}, { JOBSTORM_TOKEN: 'wrong' }]) {
      const { code, stderr } = await runCli(['perf-test', '50', ...small, '--url', url, flag, String(at)], env);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`^jobstorm perf-test: the [^\n]* at ${at} [^\n]*JOBSTORM_TOKEN[^\n]*\n$`));
    }
  }
  assert.equal(await running.pushed(), 0);
});

test('a cluster that was started here and is gone: a local one, and it is said', async (t) => {
  const running = await cluster(t, { token: null });
  const gone = { ...running, current: { ...running.current, url: 'tcp://127.0.0.1:1' } };
  const { code, stdout } = await runCli(['perf-test', '50', ...small], {}, noted(gone));
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /^cluster: a local one.*\n +not the one at tcp:\/\/127\.0\.0\.1:1, started here at .*127\.0\.0\.1:1/,
  );
  assert.equal(await running.pushed(), 0);
});

test('the server in a container that the control room sees: its CPU is in the result, and in the verdict', async (t) => {
  const running = await cluster(t, { token: null });
  const { room } = running;
  const hello = { host: hostname(), pid: 1, version: '0', startedAtMs: 1, capCores: null, group: 'd' };
  const usage = { cpuUs: 1, rssBytes: 1, loopDelayP99Us: null };
  const startMs = Date.now();
  const report = () => {
    // All of its share of a core, throttled in most periods.
    const elapsedMs = Date.now() - startMs;
    const { usedCores: _, throttledShare: __, ...first } = faktory[0];
    const containers = [
      {
        ...first,
        readAtMs: first.readAtMs + elapsedMs,
        cpuUs: first.cpuUs + elapsedMs * 300,
        periods: first.periods + elapsedMs,
        throttledPeriods: first.throttledPeriods + elapsedMs * 0.75,
      },
    ];
    const host = { unavailable: null, hostCores: 4, hostMemoryBytes: 1e9 };
    room.update('d', { type: 'docker', sentAtUs: 1, ...host, containers, usage });
  };
  room.accept({ type: 'hello', part: 'docker', id: 'd', ...hello });
  report();
  const timer = setInterval(report, 250);
  t.after(() => clearInterval(timer));
  const json = jsonPath();
  const args = ['perf-test', '300', ...small, '--service-time', '50ms', '--json', json];
  const { code, stdout, stderr } = await runCli(args, {}, noted(running));
  assert.equal(code, 0, stdout + stderr);
  const result = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  assert.ok(Math.abs(result.cpu.server!.usedCores - 0.3) < 0.001, String(result.cpu.server?.usedCores));
  assert.deepEqual([result.cpu.server!.capCores, result.cpu.server!.throttledShare], [0.3, 0.75]);
  assert.equal(result.cost.serverRssBytes, faktory[0].memoryBytes);
  assert.equal(result.verdict.bottleneck, 'server');
  assert.match(result.verdict.evidence.join(), /the server was throttled in 75% of the periods/);
  assert.equal(result.notMeasured['cpu.server'], undefined);
});

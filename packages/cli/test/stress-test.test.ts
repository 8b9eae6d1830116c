import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startApi } from '@jobstorm/api-service';
import type { RunResult } from '@jobstorm/loadtest';
import { parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { readStressTest } from '../src/stress-test.ts';
import { jsonPath, runCli } from './run-cli.ts';

test('10,000 jobs in one request, unless told otherwise', () => {
  const { command, jobs, perRequest, via } = readStressTest([], {});
  assert.deepEqual([command, jobs, perRequest, via], ['stress-test', 10_000, 10_000, 'batch']);
  assert.equal(readStressTest(['100000'], {}).perRequest, 100_000);
});

test('what one request cannot hold is refused before it is sent', () => {
  const large = ['10000', '--jobtype', 'payload', '--payload-bytes', '4096'];
  assert.throws(() => readStressTest(large, {}), /10000 jobs of \d+ bytes make a request of 4\d MiB, .*takes 32/);
  assert.throws(() => readStressTest(['100001'], {}), /JOBS: got "100001", expected a whole number from 1 to 100000/);
  assert.throws(() => readStressTest(['--via', 'api', '--rate', '5'], {}), /unknown flag --via/);
});

test('all jobs come in one request and end once', async (t) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: null });
  t.after(() => server.close());
  const api = await startApi({
    host: '127.0.0.1',
    port: 0,
    address: parseServerUrl(server.url),
    batch: { maxSize: 100, maxDelayMs: 100, auto: true, adaptive: true },
    queue: 'jobstorm',
    control: null,
    token: null,
  });
  t.after(() => api.close());
  const json = jsonPath();
  const args = ['stress-test', '3000', '--url', server.url, '--api', api.url, '--cpus', '1', '--json', json];
  const { code, stdout, stderr } = await runCli(args);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^one request: POST \/jobs\/batch with 3000 jobs$/m);
  const { jobs, run } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  assert.deepEqual([jobs.completed, jobs.lost, jobs.duplicated], [3000, 0, 0]);
  assert.match(run.command, /^jobstorm stress-test 3000 /);
  const stats = (await (await fetch(`${api.url}/stats`)).json()) as { totals: { requests: number } };
  assert.equal(stats.totals.requests, 1);
});

// The main job against real Faktory: every job completed once, and nothing left behind on a server that is somebody else's.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { RunResult } from '@jobstorm/loadtest';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startRealFaktory } from '@jobstorm/testkit';
import { jsonPath, runCli } from './run-cli.ts';

const jobs = process.env.JOBSTORM_TEST_FULL === '1' ? 10_000 : 1000;

for (const engine of ['pipelined', 'faktory-worker']) {
  test(`perf-test ${jobs} --engine ${engine}, on a real Faktory that wants a password`, async (t) => {
    const faktory = await startRealFaktory({ password: 'secret' });
    t.after(() => faktory.close());
    const address = { ...parseServerUrl(faktory.url), password: 'secret' };
    const client = await Client.connect({ address });
    t.after(() => client.close());
    await client.push({ jid: 'of-somebody-else', jobtype: 'x', args: [], queue: 'default', retry: 25 });
    const json = jsonPath();
    const url = `tcp://:secret@${faktory.host}:${faktory.port}`;
    const concurrency = engine === 'pipelined' ? '2000' : '20';
    const args = [String(jobs), '--url', url, '--engine', engine, '--concurrency', concurrency, '--cpus', '1'];
    const { code, stdout } = await runCli(['perf-test', ...args, '--json', json]);
    assert.equal(code, 0, stdout);
    const result = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
    assert.deepEqual(
      [result.jobs.completed, result.jobs.lost, result.jobs.duplicated, result.valid],
      [jobs, 0, 0, true],
    );
    assert.ok(!stdout.includes('secret'), 'the password is not shown');
    const { queues, sets, total_processed } = (await client.info()).faktory;
    assert.deepEqual([queues.default, queues.jobstorm, sets!.working, sets!.retries], [1, 0, 0, 0]);
    // Those that answered the worker's last FETCHes were done as well.
    assert.ok(total_processed >= jobs, `${total_processed}`);
  });
}

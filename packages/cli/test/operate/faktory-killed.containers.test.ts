// Real Faktory's container killed in the middle of a run and started again. What its volume held comes back and is done; what it
// had only in memory is lost, as Faktory keeps its jobs in snapshots, and the report says how many.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { Checkout, type Recipe, until } from '@jobstorm/testkit';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const jobs = 1500;
let checkout: Checkout;

const docker = (...args: string[]) =>
  execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

function container(part: 'faktory' | 'worker'): string {
  const mine = `label=com.docker.compose.project.working_dir=${checkout.dir}`;
  const [id] = docker('ps', '-aq', '--filter', mine, '--filter', `label=io.jobstorm.part=${part}`).split('\n');
  assert.ok(id, `the container of ${part}`);
  return id;
}

function address() {
  const password = /FAKTORY_PASSWORD=(.+)/.exec(readFileSync(join(checkout.dir, '.env'), 'utf8'))?.[1];
  return parseServerUrl(`tcp://:${password}@127.0.0.1:7419`);
}

/** Starts a run that takes some 8 s, and settles when Faktory has all of its jobs. */
async function startRun(path: string, patience: string): Promise<Recipe> {
  const run = checkout.start([
    ...['perf-test', String(jobs), '--jobtype', 'sleep', '--service-time', '100ms'],
    ...['--patience', patience, '--json', path],
  ]);
  const client = await Client.connect({ address: address() });
  const before = (await client.info()).faktory.total_processed;
  await until(
    'Faktory to have all jobs',
    async () => {
      const { faktory: held } = await client.info();
      const processed = held.total_processed - before;
      return processed > 40 && held.total_enqueued + processed > jobs - 60;
    },
    { timeoutMs: 30_000 },
  );
  await client.close();
  return run;
}

before(async () => {
  checkout = new Checkout(root);
  await checkout.expect(['dev', '20', '1.0']);
});

after(async () => {
  await checkout?.run(['clean', '--yes']);
  checkout?.remove();
});

test('killed once its volume has all jobs: every one of them is done', async () => {
  const path = join(checkout.dir, 'kept.json');
  const run = await startRun(path, '90s');
  // Held still, so that what the volume has is what there is: an ACK after the save would be forgotten, its job reserved for
  // another minute and then done twice.
  docker('pause', container('worker'));
  docker('exec', container('faktory'), 'redis-cli', '-s', '/var/lib/faktory/db/redis.sock', 'save');
  docker('kill', container('faktory'));
  docker('start', container('faktory'));
  docker('unpause', container('worker'));
  const end = await run.ended;
  const result = JSON.parse(readFileSync(path, 'utf8')) as { jobs: Record<string, number> };
  assert.deepEqual([result.jobs.accepted, result.jobs.completed, result.jobs.lost], [jobs, jobs, 0], end.output);
});

test('killed before: the report says how many are lost, with exit code 112', async () => {
  const path = join(checkout.dir, 'lost.json');
  const run = await startRun(path, '8s');
  docker('kill', container('faktory'));
  docker('start', container('faktory'));
  const end = await run.ended;
  const result = JSON.parse(readFileSync(path, 'utf8')) as { jobs: Record<string, number> };
  assert.ok(result.jobs.lost! > 0, end.output);
  assert.equal(result.jobs.completed! + result.jobs.lost!, jobs);
  assert.match(end.output, /lost/);
  assert.equal(end.code, 112, end.output);
});

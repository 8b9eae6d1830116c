// A tuning under a limit on p99, on a real cluster whose jobs get in each other's way: many slots do more jobs a second than few, and each
// job takes long. Left to `test-full`: on a machine that stands still for a moment p99 says so, and no setting keeps the limit.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import { startServer } from '@jobstorm/server-node';
import { until } from '@jobstorm/testkit';
import { readResult, runCli, startCli } from '../run-cli.ts';

const whyNot = process.env.JOBSTORM_TEST_FULL === '1' ? false : 'a p99 of a busy machine is no test: test-full';

/**
 * Up to 16 at a time they take 40 ms, more of them 240 ms each: 16 slots do 400 a second and never crowd; with 160 it is 667, and at 80% of
 * that rate more than 16 are at work whatever they take. In between fewer are done than with 16.
 */
const crowd = `
let running = 0;
export async function crowd() {
  running++;
  await new Promise((resolve) => setTimeout(resolve, running <= 16 ? 40 : 240));
  running--;
}
`;

test('the limit on p99 binds: the winner keeps it, and a faster setting does not', { skip: whyNot }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-p99-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [jobs, json] = [join(dir, 'jobs.mjs'), join(dir, 'out.json')];
  writeFileSync(jobs, crowd);
  const server = await startServer({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
  t.after(() => room.close());
  const url = ['--url', `tcp://127.0.0.1:${server.port}`];
  const control = ['--control', room.url.replace(/^http/, 'ws')];
  const worker = startCli(['worker', '20', '1', ...url, ...control, '--queues', 'jobstorm', '--jobs', jobs]);
  t.after(async () => {
    worker.child.kill('SIGTERM');
    await worker.ended;
  });
  await until('the worker', async () => /"part":"worker"/.test(await (await fetch(`${room.url}/stats`)).text()), {
    timeoutMs: 30_000,
  });
  const trials = ['--slots', '16:160', '--grid', '1', '--window', '1500ms', '--settle', '300ms', '--latency', '1500ms'];
  const load = ['--jobtype', 'crowd', '--via', 'direct', '--goal', 'p99<150ms', '--json', json];
  const tuning = ['tune', ...url, '--control', room.url, ...trials, ...load];
  const { code, stdout, stderr } = await runCli(tuning, { DASHBOARD_PORT: '0' });
  assert.equal(code, 0, stdout + stderr);
  const { winner, tried } = readResult(json).found!;
  const verified = tried.filter(({ stage }) => stage === 'verify').map(({ measured }) => measured);
  assert.ok(verified.length > 0, stdout);
  for (const { p99Us } of verified) assert.ok(p99Us! < 150_000, `${p99Us} µs outside the search\n${stdout}`);
  assert.equal(winner.slots, 16, stdout);
  const ratePerS = verified.reduce((sum, each) => sum + each.ratePerS, 0) / verified.length;
  const most = tried.filter(({ setting }) => setting.slots === 160).map(({ measured }) => measured);
  assert.ok(most.length > 0, stdout);
  for (const measured of most) {
    assert.ok(
      measured.ratePerS > 1.2 * ratePerS,
      `${JSON.stringify(measured)}: faster than ${JSON.stringify(winner)}\n${stdout}`,
    );
    assert.ok(measured.p99Us! > 150_000, `${JSON.stringify(measured)}\n${stdout}`);
  }
  assert.match(stdout, /^ {2}goal {6}the highest rate with p99 under 150 ms$/m);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, startServer, systemClock } from '@jobstorm/server-node';
import { descendants } from '@jobstorm/testkit';
import { jsonPath, readResult, runCli, startCli } from '../run-cli.ts';

/** A clock that can be put forward. */
function jumpingClock(): Clock & { jumpMs(ms: number): void } {
  let aheadMs = 0;
  return {
    nowMs: () => systemClock.nowMs() + aheadMs,
    epochUs: () => systemClock.epochUs() + aheadMs * 1000,
    jumpMs: (ms) => {
      aheadMs += ms;
    },
  };
}

test('workers are killed, their jobs come back, and none is lost', async () => {
  const before = descendants();
  const clock = jumpingClock();
  const server = await startServer({ host: '127.0.0.1', port: 0, clock, random: () => 0 });
  const json = jsonPath();
  const args = ['--workers', '2', '--concurrency', '20', '--service-time', '40ms', '--kill-every', '500ms'];
  const cli = startCli(['chaos-test', '1500', '--url', server.url, ...args, '--json', json]);
  // What takes minutes is waited for on the server's clock: the reservations of killed workers end, then their retries are due.
  let idle = 0;
  let over = false;
  void cli.ended.then(() => {
    over = true;
  });
  while (!over) {
    await delay(50);
    const { queues, sets } = server.info().faktory;
    const waiting = (queues['jobstorm-chaos'] ?? 0) === 0 && sets.working + sets.retries > 0;
    idle = waiting ? idle + 1 : 0;
    if (idle >= 20) {
      clock.jumpMs(80_000);
      idle = 0;
    }
  }
  const { code, stdout, stderr } = await cli.ended;
  await server.close();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const result = readResult(json);
  assert.deepEqual([result.jobs.accepted, result.jobs.completed, result.jobs.lost], [1500, 1500, 0]);
  assert.ok(result.jobs.retried > 0, 'no job was running when its worker was killed');
  assert.match(stdout, /1,500 jobs through [1-9]\d* kills?, 0 lost/);
  assert.match(stdout, /worker \d+ +\d+\.\d+ s/);
  assert.deepEqual(descendants(), before, 'a process is left');
});

test('what proves nothing is said, and is not valid', async () => {
  const { code, stdout, stderr } = await runCli(['chaos-test', '50', '--workers', '1', '--kill-every', '60s']);
  assert.equal(code, 111, `${stdout}\n${stderr}`);
  assert.match(stdout, /nobody was killed/);
});

test('a journal is for the local server only', async () => {
  const { code, stderr } = await runCli(['chaos-test', '--data', 'x', '--url', 'tcp://127.0.0.1:1']);
  assert.equal(code, 104);
  assert.match(stderr, /--data is for the local server/);
});

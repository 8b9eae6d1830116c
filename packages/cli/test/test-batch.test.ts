import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { descendants, freePort } from '@jobstorm/testkit';
import { runCli } from './run-cli.ts';

test('ten mixed jobs on a local cluster, each as it should be, and nothing is left', async () => {
  const before = descendants();
  const { code, stdout, stderr } = await runCli(['test-batch']);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /5 {2}divide +\{"a":1,"b":0\} +failed +failed {2}ok\n/);
  assert.equal(stdout.match(/completed {2}completed {2}ok/g)?.length, 9);
  assert.match(stdout, /10 of 10 jobs ended as they should\n$/);
  assert.deepEqual(descendants(), before);
});

test('jobs that another worker takes and does not report: lost, 112', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: null });
  // Many more FETCHes of theirs wait than the run's worker has slots, so some of the ten jobs go to them, however the waits renew.
  const address = parseServerUrl(server.url);
  const thieves = await Promise.all(Array.from({ length: 30 }, () => Client.connect({ address })));
  let isOver = false;
  const stealing = thieves.map(async (thief) => {
    while (!isOver) await thief.fetch(['jobstorm']);
  });
  const run = runCli(['test-batch', '--url', server.url, '--patience', '3s']);
  const { code, stdout } = await run;
  isOver = true;
  await Promise.all(stealing);
  await Promise.all(thieves.map((thief) => thief.close()));
  await server.close();
  assert.equal(code, 112, stdout);
  assert.match(stdout, /no answer {2}WRONG/);
  assert.match(stdout, /nothing moved for 3 s/);
});

test('nobody listens: 1; a bad setting: 104', async () => {
  const port = await freePort();
  const { code, stderr } = await runCli(['test-batch', '--url', `tcp://127.0.0.1:${port}`]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`^jobstorm test-batch: .*127\\.0\\.0\\.1:${port}`));
  assert.equal((await runCli(['test-batch', '--rate', '5'])).code, 104);
});

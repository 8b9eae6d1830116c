// `jobstorm api` as a program of its own: its exit codes and what it prints.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, until } from '@jobstorm/testkit';

const main = join(dirname(fileURLToPath(import.meta.url)), '../src/main.ts');

/** Starts it with nothing of this environment but PATH, and collects what it prints. */
function start(argv: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...argv], {
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return { child, said, ended };
}

test('bad settings: one sentence each, exit 104, nothing started', async () => {
  const { said, ended } = start(['--listen', '0.0.0.0:3000']);
  assert.equal(await ended, 104);
  assert.match(
    said.err,
    /^jobstorm api: --listen 0\.0\.0\.0:3000 can be reached from other machines: set JOBSTORM_TOKEN.*\n$/,
  );
  const two = start(['--queue', 'a b', '--nonsense']);
  assert.equal(await two.ended, 104);
  assert.equal(two.said.err.trim().split('\n').length, 2);
});

test('starts without its job server, never prints a password, and ends with exit 0 on SIGTERM', async (t) => {
  const port = await freePort();
  const env = { FAKTORY_URL: `tcp://:hush-hush@127.0.0.1:${port}`, JOBSTORM_TOKEN: 'also-secret' };
  const { child, said, ended } = start(['--listen', '127.0.0.1:0'], env);
  t.after(() => child.kill('SIGKILL'));
  await until('the line about the job server', () => said.err.includes('\n'), { timeoutMs: 20_000 });
  const url = await until('the ready line', () => /takes jobs at (http:\S+)/.exec(said.out)?.[1]);
  const health = await fetch(`${url}/health`);
  assert.equal(health.status, 503);
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
  assert.match(said.err, new RegExp(`^jobstorm api: nothing listens at tcp://127.0.0.1:${port}.*\n$`));
  assert.doesNotMatch(said.out + said.err, /hush-hush|also-secret/);
});

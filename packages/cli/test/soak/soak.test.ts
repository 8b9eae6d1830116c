import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { descendants, until } from '@jobstorm/testkit';
import { readSoak } from '../../src/soak/soak-settings.ts';
import { openSoak, type SoakState, saveSoak, soakedS } from '../../src/soak/soak-state.ts';
import { jsonPath, readResult, runCli, startCli } from '../run-cli.ts';

const terms = {
  ratePerS: 1000,
  jobtype: 'add',
  serviceMs: 10,
  via: 'batch',
  concurrency: 2000,
  cpus: 1,
  server: null,
};

test('is cut by ctrl-C and goes on: one soak, two stretches', async () => {
  const before = descendants();
  const path = `${jsonPath()}.soak`;
  const args = ['soak', '--duration', '4s', '--rate', '200', '--cpus', '1', '--concurrency', '20', '--resume', path];
  const cut = startCli(args);
  // Plain lines come once a second: with the second one there is something to keep.
  await until('two lines of progress', () => /\n {2}2\.\d+ s .*done/.test(cut.stdout()), { timeoutMs: 60_000 });
  cut.child.kill('SIGINT');
  const first = await cut.ended;
  assert.equal(first.code, 105, `${first.stdout}\n${first.stderr}`);
  assert.match(first.stdout, /the same command again goes on with what is in /);
  const kept = JSON.parse(readFileSync(path, 'utf8')) as SoakState;
  assert.equal(kept.stretches.length, 1);
  assert.ok(soakedS(kept) > 1.5 && soakedS(kept) < 4, `${soakedS(kept)} s`);

  const json = jsonPath();
  const { code, stdout, stderr } = await runCli([...args, '--json', json]);
  assert.ok(code === 0 || code === 99, `${code}: ${stdout}\n${stderr}`); // in seconds a heap may well grow
  assert.match(stdout, /goes on with the soak in .*: \d of 4 s are done/);
  assert.match(stdout, /soaked for .* in 2 stretches/);
  const { soak, jobs } = readResult(json);
  assert.equal(soak!.stretches, 2);
  assert.equal(jobs.submitted, Math.round((4 - soakedS(kept)) * 200));
  const watched = soak!.slopes.map(({ what }) => what);
  for (const what of ['memory workers', 'memory server', 'latency p99', 'backlog'])
    assert.ok(watched.includes(what), what);
  if (existsSync('/proc/self/fd')) assert.ok(watched.includes('handles workers'));
  assert.deepEqual(descendants(), before, 'a process is left');
});

test('its file is for one soak: other terms, and what is no such file, are said', () => {
  const path = `${jsonPath()}.soak`;
  const stretch = { run: 'r', startedAt: '2026-01-01T00:00:00.000Z', lengthS: 60, samples: [] };
  saveSoak(path, { soakVersion: 1, terms, stretches: [stretch, stretch] });
  assert.equal(soakedS(openSoak(path, terms)), 120);
  assert.throws(() => openSoak(path, { ...terms, ratePerS: 5 }), /has ratePerS 1000, got 5/);
  for (const text of ['{', '{"soakVersion":2,"terms":{},"stretches":[]}', '{"soakVersion":1}']) {
    writeFileSync(path, text);
    assert.throws(() => openSoak(path, terms), /expected the file of a soak/);
  }
  assert.deepEqual(openSoak(`${path}.none`, terms).stretches, []);
  assert.throws(() => openSoak(`${path}.none/soak.json`, terms), /expected a file in a folder that exists/);
});

test('a soak that is done is not begun again', () => {
  const path = `${jsonPath()}.soak`;
  const asked = ['--rate', '10', '--resume', path];
  const { soak } = readSoak(asked, {});
  const stretch = { run: 'r', startedAt: '2026-01-01T00:00:00.000Z', lengthS: 60, samples: [] };
  saveSoak(path, { ...soak.state, stretches: [stretch] });
  assert.equal(readSoak([...asked, '--duration', '90s'], {}).jobs, 300);
  assert.throws(() => readSoak([...asked, '--duration', '60s'], {}), /is done, 60 s of it/);
});

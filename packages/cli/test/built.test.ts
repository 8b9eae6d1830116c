// What only the bundles of dist/ can get wrong: packages that are loaded when they are needed.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unlessStarved } from './run-cli.ts';

const bin = fileURLToPath(new URL('../../../bin/jobstorm', import.meta.url));

for (const args of [
  ['--via', 'api'],
  ['--engine', 'faktory-worker', '--concurrency', '10'],
]) {
  test(`as built: perf-test ${args.join(' ')}`, async (t) => {
    const cwd = mkdtempSync(join(tmpdir(), 'jobstorm-built-'));
    t.after(() => rmSync(cwd, { recursive: true, force: true }));
    const { PATH, HOME } = process.env;
    const words = [bin, 'perf-test', '50', '--cpus', '1', ...args];
    const { code, stdout } = await unlessStarved(async () => {
      const { status, stdout } = spawnSync(process.execPath, words, { cwd, env: { PATH, HOME }, encoding: 'utf8' });
      return { code: status, stdout };
    });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /50 of 50 jobs completed/);
  });
}

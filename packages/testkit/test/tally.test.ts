// What bin/test.mjs adds up comes from bin/test-tally.mjs, the reporter; here it watches files that end in every way.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const reporter = fileURLToPath(new URL('../../../bin/test-tally.mjs', import.meta.url));

test('passes, failures, skips, files that crash and files without a test are told apart', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-tally-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const imports = `import { after, describe, it, test } from 'node:test';\n`;
  const files: Record<string, string> = {
    'mixed.test.mjs': `${imports}
      test('good', () => {}); test('bad', () => { throw new Error('x'); });
      test.skip('skipped', () => {}); test.todo('to do');
      describe('a suite', () => { it('in a suite', () => {}); it('bad in a suite', () => { throw new Error('x'); }); });
      describe('a suite whose hook fails', () => { after(() => { throw new Error('x'); }); it('good before it', () => {}); });`,
    'crash.test.mjs': `throw new Error('boom');`,
    'empty.test.mjs': `${imports} export {};`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--test', `--test-reporter=${reporter}`, ...Object.keys(files)];
  const { stdout } = spawnSync(process.execPath, args, { cwd: dir, env, encoding: 'utf8' });
  const { empty, ...counts } = JSON.parse(stdout) as { empty: string[] };
  // Failed: bad, bad in a suite, the hook, the crash.
  assert.deepEqual(counts, { passed: 3, failed: 4, skipped: 2 });
  assert.equal(empty.length, 1);
  assert.match(empty[0] ?? '', /empty\.test\.mjs$/);
});

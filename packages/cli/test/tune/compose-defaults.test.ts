import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { requireDefaults, saveDefaults, withDefaults } from '../../src/tune/compose-defaults.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const files = ['docker-compose.worker.yml', 'docker-compose.server.yml'] as const;
const setting = { slots: 6000, cpus: 8, processes: 8, batchSize: 500, batchDelayMs: 20 };

describe('what a tuning found, as the default of the compose files', () => {
  it('stands in its place in the files of this checkout, and all else stays byte for byte', () => {
    const dir = mkdtempSync(join(tmpdir(), 'jobstorm-save-'));
    try {
      for (const file of files) copyFileSync(join(root, file), join(dir, file));
      assert.deepEqual(saveDefaults(dir, setting, '2026-11-27'), [...files]);
      const [worker, server] = files.map((file) => readFileSync(join(dir, file), 'utf8')) as [string, string];
      const environment = parse(worker).services['worker-service'].environment as string[];
      assert.ok(environment.includes(`WORKER_CONCURRENCY=\${WORKER_CONCURRENCY:-6000}`));
      assert.equal(parse(worker).services['worker-service'].deploy.resources.limits.cpus, `\${WORKER_CPUS:-8.0}`);
      assert.ok(parse(server).services['api-service'].environment.includes(`BATCH_MAX_SIZE=\${BATCH_MAX_SIZE:-500}`));
      for (const [at, file] of files.entries()) {
        const before = readFileSync(join(root, file), 'utf8').split('\n');
        const after = [worker, server][at]!.split('\n');
        assert.equal(after.length, before.length);
        const changed = after.filter((line, number) => line !== before[number]);
        assert.ok(changed.length >= 2);
        for (const line of changed) assert.match(line, /:-(6000|8\.0|500|20)\}.*was [\d.]+, tuned 2026-11-27$/);
      }
      assert.deepEqual(saveDefaults(dir, setting, '2026-11-28'), [], 'the same again changes nothing');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('keeps comments, and its note gives way to the next one', () => {
    const text = (rest: string) => `services:\n  a:\n    environment:\n      - N=\${N:-${rest}\n`;
    const once = withDefaults(text('2000} # slots'), { N: '4000' }, '2026-11-27');
    assert.equal(once, text('4000} # slots; was 2000, tuned 2026-11-27'));
    const twice = withDefaults(once, { N: '6000' }, '2026-12-01');
    assert.equal(twice, text('6000} # slots; was 4000, tuned 2026-12-01'));
  });

  it('leaves the server file alone where no batches were tuned, and knows beforehand whether there is a place for them', () => {
    const dir = mkdtempSync(join(tmpdir(), 'jobstorm-save-'));
    try {
      for (const file of files) copyFileSync(join(root, file), join(dir, file));
      requireDefaults(dir);
      assert.deepEqual(saveDefaults(dir, { slots: 6000, cpus: 8 }, '2026-11-27'), ['docker-compose.worker.yml']);
      assert.throws(() => requireDefaults(join(root, 'docs')), { message: /^--save: / });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('says what is missing, and leaves a file that is no YAML alone', () => {
    assert.throws(() => withDefaults('a: 1\n', { N: '1' }, ''), { message: /no default of N/ });
    assert.throws(() => withDefaults('a: [1\n', { N: '1' }, ''), { message: /no YAML/ });
    assert.throws(() => saveDefaults(join(root, 'docs'), setting, ''), {
      message: /^--save: .*docker-compose\.worker\.yml can't be changed/,
    });
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { sourceHash } from '../../../src/operate/docker/sources.ts';

test('the hash follows what goes into the images, and nothing else', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-sources-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  write('Dockerfile', 'FROM x');
  write('worker-node/src/a.ts', '1');
  const before = sourceHash(dir, '');
  assert.match(before, /^[0-9a-f]{16}$/);

  for (const path of [
    'README.md',
    'worker-node/test/a.test.ts',
    'packages/cli/src/x.ts',
    'worker-node/node_modules/x.js',
  ])
    write(path, 'x');
  utimesSync(join(dir, 'Dockerfile'), 1, 1);
  assert.equal(sourceHash(dir, ''), before);

  const seen = new Set([before, sourceHash(dir, 'node:26')]);
  for (const [path, text] of [
    ['worker-node/src/a.ts', '2'],
    ['worker-node/src/b.ts', ''],
    ['package-lock.json', '{}'],
    ['Dockerfile', 'FROM y'],
  ] as const) {
    write(path, text);
    seen.add(sourceHash(dir, ''));
  }
  assert.equal(seen.size, 6);
});

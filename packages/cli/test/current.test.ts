import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CurrentCluster, forgetCurrent, readCurrent, writeCurrent } from '../src/current.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-current-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const cluster: CurrentCluster = {
  url: 'tcp://127.0.0.1:7419',
  api: 'http://127.0.0.1:3000',
  control: null,
  startedAt: '2026-01-02T03:04:05.000Z',
  by: 'server',
  engine: 'docker',
};

test('what is noted is read back, by its owner only, and leaves no other file', (t) => {
  const dir = folder(t);
  assert.equal(readCurrent(dir), null);
  writeCurrent(dir, { ...cluster, by: 'worker' });
  writeCurrent(dir, cluster);
  assert.deepEqual(readCurrent(dir), cluster);
  assert.deepEqual(readdirSync(join(dir, '.jobstorm')), ['current']);
  assert.equal(statSync(join(dir, '.jobstorm/current')).mode & 0o777, 0o600);
  forgetCurrent(dir);
  forgetCurrent(dir);
  assert.equal(readCurrent(dir), null);
});

test('a file that is none counts as none', (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, '.jobstorm'));
  for (const text of ['', '{', 'null', '{"url":"tcp://a:1"}', JSON.stringify({ ...cluster, by: 'somebody' })]) {
    writeFileSync(join(dir, '.jobstorm/current'), text);
    assert.equal(readCurrent(dir), null, text);
  }
});

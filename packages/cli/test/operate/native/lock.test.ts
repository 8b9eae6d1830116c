import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { withLock } from '../../../src/operate/native/lock.ts';
import { startTicksOf } from '../../../src/operate/native/process.ts';

function lockPath(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-lock-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'not-there-yet', 'lock');
}

test('one at a time, the others wait and say for whom', async (t) => {
  const path = lockPath(t);
  const told: string[] = [];
  let inside = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const work = async () => {
    inside++;
    assert.equal(inside, 1);
    await held;
    inside--;
  };
  const all = [1, 2, 3].map(() => withLock(path, (line) => told.push(line), work));
  await until('both others to wait', () => told.length === 2);
  release();
  await Promise.all(all);
  for (const line of told) assert.match(line, new RegExp(`pid ${process.pid}\\).*waiting`));
  assert.equal(existsSync(path), false);
});

test('it is given back when the work fails', async (t) => {
  const path = lockPath(t);
  await assert.rejects(
    withLock(
      path,
      () => {},
      () => Promise.reject(new Error('no')),
    ),
    /no/,
  );
  assert.equal(
    await withLock(
      path,
      () => {},
      async () => 'next',
    ),
    'next',
  );
});

for (const [whose, text] of [
  ['a holder that is gone', JSON.stringify({ pid: process.pid, startTicks: `not ${startTicksOf(process.pid)}` })],
  ['a file that names nobody', 'half a li'],
] as const) {
  test(`${whose} holds nobody up, and only one gets in`, async (t) => {
    const path = lockPath(t);
    await withLock(
      path,
      () => {},
      async () => {},
    ); // makes the folder
    writeFileSync(path, text);
    let inside = 0;
    const work = async () => {
      inside++;
      await new Promise(setImmediate);
      assert.equal(inside, 1);
      inside--;
    };
    await Promise.all([1, 2, 3, 4].map(() => withLock(path, () => {}, work)));
  });
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchLeaks } from '@jobstorm/testkit';
import { lockFolder } from '../../src/journal/lock.ts';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const leaks = watchLeaks();
  const folder = mkdtempSync(join(tmpdir(), 'jobstorm-lock-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await leaks.settle();
}

test('a folder has one owner at a time', async () => {
  await withFolder(async (folder) => {
    const first = await lockFolder(folder);
    await assert.rejects(lockFolder(folder), { code: 'ELOCKED', message: /is in use by another server/ });
    await first.release();
    assert.deepEqual(readdirSync(folder), []);
    const second = await lockFolder(folder);
    await second.release();
  });
});

test('of many that come at once one gets it', async () => {
  await withFolder(async (folder) => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    const got = results.filter((result) => result.status === 'fulfilled');
    assert.equal(got.length, 1);
    await got[0]!.value.release();
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('of many that come at once to what a killed one left, one gets it', async () => {
  await withFolder(async (folder) => {
    const code = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    for (const name of ['lock-000000000-000000', 'lock-zzzzzzzzz-000000']) {
      await once(spawn(process.execPath, ['-e', code, join(folder, name)]), 'exit');
    }
    assert.equal(readdirSync(folder).length, 2);
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    const got = results.filter((result) => result.status === 'fulfilled');
    assert.equal(got.length, 1);
    await got[0]!.value.release();
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('an owner keeps it though the clock was set back since it came', async () => {
  await withFolder(async (folder) => {
    const owner = createServer().listen(join(folder, 'lock-zzzzzzzzz-000000'));
    await once(owner, 'listening');
    await assert.rejects(lockFolder(folder), { code: 'ELOCKED', message: /is in use by another server/ });
    assert.deepEqual(readdirSync(folder), ['lock-zzzzzzzzz-000000']);
    owner.close();
    await once(owner, 'close');
  });
});

test('a killed owner does not keep it', async () => {
  await withFolder(async (folder) => {
    const lock = new URL('../../src/journal/lock.ts', import.meta.url).href;
    const code = `const { lockFolder } = await import(${JSON.stringify(lock)}); await lockFolder(${JSON.stringify(folder)}); process.send('locked'); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    assert.deepEqual((await once(owner, 'message'))[0], 'locked');
    await assert.rejects(lockFolder(folder), { code: 'ELOCKED' });
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const mine = await lockFolder(folder);
    await mine.release();
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('a path too long for a socket is refused in words', async () => {
  await assert.rejects(lockFolder(`/tmp/${'x'.repeat(120)}`), { code: 'ELOCKED', message: /too long to lock/ });
});

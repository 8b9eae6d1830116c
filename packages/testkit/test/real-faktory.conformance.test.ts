import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { watchLeaks } from '../src/leaks.ts';
import { descendants, isAlive } from '../src/process-tree.ts';
import { RawConnection } from '../src/raw-connection.ts';
import { startRealFaktory } from '../src/real-faktory.ts';

test('real Faktory starts, answers, and ends with its Redis and its folder', async () => {
  const watch = watchLeaks();
  const real = await startRealFaktory();
  const pids = [real.pid, ...descendants(real.pid)];
  assert.ok(pids.length >= 2, 'Redis is its child');
  assert.ok(existsSync(real.dir));
  const connection = await RawConnection.greeted(real);
  const info = await connection.call('INFO');
  assert.match(info ?? '', /"faktory_version":"1\./);
  connection.destroy();
  const health = await fetch(`http://${real.host}:${real.webPort}/health`, { headers: { connection: 'close' } });
  assert.equal(health.status, 200);
  await health.text();
  await real.close();
  assert.deepEqual(pids.filter(isAlive), []);
  assert.equal(existsSync(real.dir), false);
  await watch.settle();
});

test('with a password it asks for it', async (t) => {
  const real = await startRealFaktory({ password: 'pass word' });
  t.after(() => real.close());
  assert.equal(real.url, `tcp://:pass%20word@127.0.0.1:${real.port}`);
  await assert.rejects(RawConnection.greeted(real, {}, 'wrong'), /Invalid password/);
  (await RawConnection.greeted(real, {}, 'pass word')).destroy();
});

test('a binary that is none is named in the error', async (t) => {
  const before = process.env.JOBSTORM_REAL_FAKTORY;
  t.after(() => {
    process.env.JOBSTORM_REAL_FAKTORY = before;
  });
  process.env.JOBSTORM_REAL_FAKTORY = '/no/such/faktory';
  assert.equal(existsSync('/no/such/faktory'), false);
  await assert.rejects(startRealFaktory(), /\/no\/such\/faktory ended instead of serving; it said: .*ENOENT/);
  delete process.env.JOBSTORM_REAL_FAKTORY;
  await assert.rejects(startRealFaktory(), /JOBSTORM_REAL_FAKTORY is not set/);
});

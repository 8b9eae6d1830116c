import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { descendants, isAlive, until } from '@jobstorm/testkit';
import { endProcess, isRunning, killGroup, startTicksOf } from '../../../src/operate/native/process.ts';

/** A process that runs until it is told to end, or not even then. */
async function sleeper(t: TestContext, program: string) {
  const child = spawn(process.execPath, ['-e', `${program}; setInterval(() => {}, 1000); console.log('up')`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const pid = child.pid!;
  const startTicks = startTicksOf(pid);
  assert.ok(startTicks);
  return { pid, startTicks };
}

test('a process is known by its start, which stays the same', async (t) => {
  const mark = await sleeper(t, '');
  assert.ok(isRunning(mark));
  assert.equal(startTicksOf(mark.pid), mark.startTicks);
  assert.notEqual(startTicksOf(process.pid), mark.startTicks);
  assert.equal(await endProcess(mark, 10_000), 'ended');
  assert.equal(isRunning(mark), false);
  assert.equal(await endProcess(mark, 10_000), 'gone before');
});

test('a pid that belongs to somebody else now gets no signal', async (t) => {
  const { pid } = await sleeper(t, '');
  const former = { pid, startTicks: 'another start' };
  assert.equal(isRunning(former), false);
  killGroup(former);
  assert.equal(await endProcess(former, 0), 'gone before');
  assert.ok(isAlive(pid));
});

test('who does not heed SIGTERM is killed with all that it started', async (t) => {
  const child = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {stdio: 'ignore'})`;
  const mark = await sleeper(t, `process.on('SIGTERM', () => {}); console.error(${child}.pid)`);
  const all = await until('its child', () => {
    const found = descendants(mark.pid);
    return found.length > 0 && found;
  });
  assert.equal(await endProcess(mark, 50), 'killed');
  await until('all gone', () => !all.some(isAlive));
});

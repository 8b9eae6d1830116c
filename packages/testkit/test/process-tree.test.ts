import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { descendants, isAlive, signalIfAlive } from '../src/process-tree.ts';
import { until } from '../src/until.ts';

test('children and grandchildren are found while they live and gone when they have ended', async () => {
  const grandchild = 'setInterval(() => {}, 1000)';
  const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}]); ${grandchild}`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  const pid = child.pid ?? assert.fail('node could not be spawned');
  const [own] = await until('the grandchild', () => {
    const found = descendants(pid);
    return found.length === 1 && found;
  });
  assert.ok(own !== undefined && isAlive(own));
  assert.ok(descendants().includes(pid) && descendants().includes(own), 'both descend from this process');
  signalIfAlive(own, 'SIGKILL');
  signalIfAlive(pid, 'SIGKILL');
  await until('both to end', () => !isAlive(pid) && !isAlive(own));
  signalIfAlive(pid, 'SIGKILL');
});

// A cap given to `jobstorm worker` outside a container, where this machine lets us make control groups.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { Cgroup } from '@jobstorm/telemetry';
import { until } from '@jobstorm/testkit';
import { CpuCap } from '../src/cpu-cap.ts';
import { withWorker } from './child-worker.ts';
import { withServer } from './worker-rig.ts';

const patient = { timeoutMs: 60_000, intervalMs: 50 };

/** Why this machine can't; null: it can. */
async function obstacle(): Promise<string | null> {
  const cap = CpuCap.make(1, new Cgroup());
  if (typeof cap === 'string') return cap;
  await cap.remove();
  return null;
}

const reason = await obstacle();

/** Folders of control groups of that process. */
function foldersOf(pid: number): string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path.replace('/proc/self/', `/proc/${pid}/`), 'utf8');
    } catch {
      return null;
    }
  };
  const { cpuFolder, accountFolder } = new Cgroup(read);
  return [cpuFolder!.folder, accountFolder!];
}

test('worker 200 0.5 stays within its cap with spinning jobs, and leaves no group', {
  skip: reason ?? false,
}, async () => {
  await withServer(async ({ server, push, counts }) => {
    for (let i = 0; i < 40; i++) await push('spin', [40]);
    await withWorker(['200', '0.5', '--url', server.url], async ({ child, exit, output, processes }) => {
      assert.match(output(), /200 slots in one process capped at 0\.5 CPUs by a control group, fetching/);
      assert.match(output(), /cpus=0\.5/);
      const [pid] = await until('the process', () => {
        const capped = processes().filter((each) => foldersOf(each)[0]!.includes('/jobstorm-'));
        return capped.length > 0 ? capped : null;
      });
      const [cpu, account] = foldersOf(pid!);
      await until('all to be done', () => counts().processed === 40, patient);
      const read = (path: string) => readFileSync(path, 'utf8');
      const inV1 = existsSync(`${cpu}/cpu.cfs_quota_us`);
      const usedUs = inV1
        ? Number(read(`${account}/cpuacct.usage`)) / 1000
        : Number(/usage_usec (\d+)/.exec(read(`${cpu}/cpu.stat`))![1]);
      const stat = read(`${cpu}/cpu.stat`);
      const periods = Number(/nr_periods (\d+)/.exec(stat)![1]);
      assert.ok(Number(/nr_throttled (\d+)/.exec(stat)![1]) > 0, 'it was held back');
      // What it did between being started and being put into the group is on the account, too.
      assert.ok(usedUs <= (periods + 3) * 50_000 * 1.2, `${usedUs} us in ${periods} periods of 50,000 us`);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
      assert.deepEqual([existsSync(cpu!), existsSync(account!)], [false, false]);
      assert.ok(existsSync(dirname(cpu!)));
    });
  });
});

test('a group that a killed worker left is removed by the next', { skip: reason ?? false }, async () => {
  await withServer(async ({ server }) => {
    let left: string[] = [];
    await withWorker(['20', '0.5', '--url', server.url], async ({ processes }) => {
      const pid = await until('the process', () =>
        processes().find((each) => foldersOf(each)[0]!.includes('/jobstorm-')),
      );
      left = foldersOf(pid);
    });
    assert.ok(
      left.every((folder) => existsSync(folder)),
      'a killed one leaves them',
    );
    await withWorker(['20', '0.5', '--url', server.url], async ({ child, exit }) => {
      assert.ok(left.every((folder) => !existsSync(folder)));
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
    });
  });
});

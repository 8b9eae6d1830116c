import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerView } from '@jobstorm/dashboard';
import { workerRows, workerTable } from '../src/worker-rows.ts';

interface Said {
  id: string;
  group?: string;
  host?: string;
  atS: number;
  completed: number;
  cpuS?: number;
  connected?: boolean;
}

const view = ({ id, group = 'g1', host = 'one', atS, completed, cpuS = 0, connected = true }: Said): WorkerView => ({
  id,
  live: true,
  seenAtMs: 0,
  clock: null,
  part: 'worker',
  hello: { type: 'hello', part: 'worker', id, host, pid: Number(id), version: '1', startedAtMs: 0, capCores: 2, group },
  state: {
    sentAtUs: atS * 1e6,
    state: 'running',
    connected,
    slots: { total: 100, running: 40 },
    connections: 8,
    totals: { fetched: completed, completed, failed: completed / 10 },
    usage: { cpuUs: cpuS * 1e6, rssBytes: 64 * 1024 * 1024, loopDelayP99Us: null },
  },
});

test('processes of a worker are added up, and its cap counts once', () => {
  const before = [view({ id: '1', atS: 10, completed: 100 }), view({ id: '2', atS: 10, completed: 0 })];
  const after = [
    view({ id: '1', atS: 12, completed: 300, cpuS: 1 }),
    view({ id: '2', atS: 11, completed: 50, cpuS: 1, connected: false }),
  ];
  const [row, ...others] = workerRows(before, after);
  assert.deepEqual(others, []);
  assert.deepEqual(row, {
    host: 'one',
    pids: [1, 2],
    completedPerS: 150,
    failedPerS: 15,
    running: 80,
    slots: 200,
    connections: 16,
    disconnected: 1,
    usedCores: 1.5,
    capCores: 2,
    throttledShare: null,
    rssBytes: 128 * 1024 * 1024,
  });
  assert.deepEqual(
    workerTable([row!]),
    [
      'worker        completed  failed  slots busy    connections  cores  of   %  throttled   memory',
      'one pid 1 +1      150/s  15.0/s      80/200  16 (1 away)   1.50   2  75          -  128 MiB',
    ].map((line) => line.replace('slots busy    connections', 'slots busy  connections')),
  );
});

test('what can not be told yet is no 0', () => {
  const still = view({ id: '1', atS: 10, completed: 100 });
  const fresh = view({ id: '2', group: 'g2', atS: 10, completed: 5 });
  const rows = workerRows([still], [still, fresh]);
  assert.deepEqual(
    rows.map(({ completedPerS, usedCores }) => [completedPerS, usedCores]),
    [
      [null, null],
      [null, null],
    ],
  );
  assert.match(workerTable(rows)[1]!, /one pid 1 +- +- +40\/100/);
});

test('several workers, by host, with their sum', () => {
  const at = (atS: number, completed: number) => [
    view({ id: '3', group: 'g3', host: 'two', atS, completed }),
    view({ id: '1', group: 'g1', host: 'one', atS, completed }),
    view({ id: '2', group: 'g2', host: 'one', atS, completed: completed * 2 }),
  ];
  const rows = workerRows(at(1, 0), at(2, 1000));
  assert.deepEqual(
    rows.map(({ host, completedPerS }) => [host, completedPerS]),
    [
      ['one', 1000],
      ['one', 2000],
      ['two', 1000],
    ],
  );
  assert.match(workerTable(rows).at(-1)!, /^all +4,000\/s +400\/s +120\/300 +24 +0\.00 +6 +0 +- +192 MiB$/);
});

test('8 CPUs granted and 1.1 usable: the quota is what counts, and how often it held the worker back', () => {
  const at = (atS: number, throttledPeriods: number): WorkerView => {
    const made = view({ id: '1', atS, completed: 0, cpuS: atS });
    const cgroup = { quotaCores: 1.1, cpuUs: 0, periods: atS * 10, throttledPeriods, throttledUs: 0 };
    const memory = { memoryBytes: null, memoryLimitBytes: null };
    return {
      ...made,
      hello: { ...made.hello, capCores: 8 },
      state: { ...made.state, cgroup: { ...cgroup, ...memory } },
    };
  };
  const [row] = workerRows([at(1, 0)], [at(2, 9)]);
  assert.deepEqual([row!.capCores, row!.usedCores, row!.throttledShare], [1.1, 1, 0.9]);
  assert.match(workerTable([row!])[1]!, / 1\.00 +1\.1 +91 +90% /);
});

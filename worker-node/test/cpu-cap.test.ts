import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CapFiles, CpuCap } from '../src/cpu-cap.ts';

/** Folders of control groups as a kernel shows them; writes are noted. */
function makeFiles(folders: string[], denied: (path: string) => boolean = () => false) {
  const there = new Set(folders);
  const written: [string, string][] = [];
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const stats: Record<string, string> = {
    [`/proc/${process.pid}/stat`]: `${process.pid} (no de) S ${Array.from({ length: 18 }, () => 0).join(' ')} 777 0`,
  };
  const files: CapFiles = {
    makeFolder: (path) => (denied(path) ? refuse('EACCES') : there.add(path)),
    removeFolder: (path) => {
      if (!there.delete(path)) refuse('ENOENT');
    },
    write: (path, text) => (denied(path) ? refuse('EPERM') : written.push([path, text])),
    read: (path) => stats[path] ?? (path.endsWith('subtree_control') ? 'memory pids' : refuse('ENOENT')),
    list: (path) => [...there].filter((each) => each.startsWith(`${path}/`)).map((each) => each.slice(path.length + 1)),
  };
  return { files, there, written, stats };
}

const v1 = { cpuFolder: { version: 1, folder: '/cg/cpu' }, accountFolder: '/cg/cpuacct' } as const;
const name = `jobstorm-${process.pid}-777`;

function made(cap: CpuCap | string): CpuCap {
  assert.ok(cap instanceof CpuCap, String(cap));
  return cap;
}

test('version 1: a group with the quota, and one that accounts for it; both go in the end', async () => {
  const { files, there, written } = makeFiles([]);
  const cap = made(CpuCap.make(0.5, v1, files));
  assert.deepEqual(cap.folders, [`/cg/cpu/${name}`, `/cg/cpuacct/${name}`]);
  assert.deepEqual(written, [
    [`/cg/cpu/${name}/cpu.cfs_period_us`, '100000'],
    [`/cg/cpu/${name}/cpu.cfs_quota_us`, '50000'],
  ]);
  assert.equal(cap.add(99), null);
  assert.deepEqual(written.slice(2), [
    [`/cg/cpu/${name}/cgroup.procs`, '99'],
    [`/cg/cpuacct/${name}/cgroup.procs`, '99'],
  ]);
  assert.equal(await cap.remove(), true);
  assert.deepEqual([...there], []);
});

test('version 2: in its own group, or beside it where that one holds processes', () => {
  const v2 = { cpuFolder: { version: 2, folder: '/cg/slice/own' }, accountFolder: '/cg/slice/own' } as const;
  const free = makeFiles([]);
  assert.deepEqual(made(CpuCap.make(1.5, v2, free.files)).folders, [`/cg/slice/own/${name}`]);
  assert.deepEqual(free.written, [
    ['/cg/slice/own/cgroup.subtree_control', '+cpu'],
    [`/cg/slice/own/${name}/cpu.max`, '150000 100000'],
  ]);
  const busy = makeFiles([], (path) => path === '/cg/slice/own/cgroup.subtree_control');
  assert.deepEqual(made(CpuCap.make(1.5, v2, busy.files)).folders, [`/cg/slice/${name}`]);
});

test('where it is not allowed it says why and leaves nothing', () => {
  const noFolder = makeFiles([], (path) => path.startsWith('/cg/cpu/'));
  assert.equal(CpuCap.make(1, v1, noFolder.files), 'EACCES for a control group in /cg/cpu');
  const noQuota = makeFiles([], (path) => path.endsWith('quota_us'));
  assert.match(String(CpuCap.make(1, v1, noQuota.files)), /^EPERM for a quota in /);
  assert.deepEqual([...noQuota.there], []);
  assert.match(String(CpuCap.make(1, { cpuFolder: null, accountFolder: null }, noQuota.files)), /no control group/);
  const noMove = makeFiles([], (path) => path.endsWith('cgroup.procs'));
  assert.match(made(CpuCap.make(1, v1, noMove.files)).add(5)!, /^EPERM when a process was to be moved/);
});

test('what dead supervisors left is removed, what living ones have is not', () => {
  const groups = ['jobstorm-400-10', 'jobstorm-401-20', 'jobstorm-402-30', 'jobstorm-x', 'other-400-10'];
  const { files, there, stats } = makeFiles(groups.map((group) => `/cg/cpu/${group}`));
  stats['/proc/401/stat'] = `401 (a) b) S ${Array.from({ length: 18 }, () => 0).join(' ')} 20 0`;
  // The pid is somebody else's by now.
  stats['/proc/402/stat'] = `402 (c) S ${Array.from({ length: 18 }, () => 0).join(' ')} 31 0`;
  made(CpuCap.make(1, v1, files));
  const left = [...there].filter((path) => path.startsWith('/cg/cpu/') && !path.endsWith(name));
  assert.deepEqual(left, ['/cg/cpu/jobstorm-401-20', '/cg/cpu/jobstorm-x', '/cg/cpu/other-400-10']);
});

// A cap on CPU that the kernel keeps: a control group of our own, with a quota, that the worker's processes are put into. Needs
// the right to make one: root outside a container mostly, or a delegated group.
//
//   <own group>/jobstorm-PID-STARTED      PID and STARTED are the supervisor's, so that whoever comes later can tell whose it was
//
// Version 2 lets no group hold both processes and groups with controllers, so there it may have to be made beside the own one.
// Invariant: after `remove` none of its folders is left, unless a process that a handler started is still in it; and those
// of supervisors that died are removed by the next one that starts.

import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cgroup } from '@jobstorm/telemetry';

const periodUs = 100_000;
/** A process that has just ended holds its group for a moment. */
const removeTries = 40;
const removeEveryMs = 25;

/** The files that it touches. All but `list` throw what the system says. */
export interface CapFiles {
  makeFolder(path: string): void;
  removeFolder(path: string): void;
  write(path: string, text: string): void;
  read(path: string): string;
  /** Names in a folder; empty when it can't be read. */
  list(path: string): string[];
}

export const systemFiles: CapFiles = {
  makeFolder: (path) => mkdirSync(path),
  removeFolder: (path) => rmdirSync(path),
  write: (path, text) => writeFileSync(path, text),
  read: (path) => readFileSync(path, 'utf8'),
  list: (path) => {
    try {
      return readdirSync(path);
    } catch {
      return [];
    }
  },
};

/** When a process was started, in clock ticks since the machine was; null: there is none of that pid. */
function startedTicks(files: CapFiles, pid: number): string | null {
  try {
    const stat = files.read(`/proc/${pid}/stat`);
    // The name, in brackets, may hold blanks and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

export class CpuCap {
  /** The group's folder where quotas are, and where CPU time is accounted for when that is elsewhere. */
  readonly folders: readonly string[];
  readonly #files: CapFiles;

  private constructor(folders: readonly string[], files: CapFiles) {
    this.folders = folders;
    this.#files = files;
  }

  /** Makes a group that grants `cores`. A text: why it can't. */
  static make(
    cores: number,
    cgroup: Pick<Cgroup, 'cpuFolder' | 'accountFolder'>,
    files: CapFiles = systemFiles,
  ): CpuCap | string {
    const { cpuFolder, accountFolder } = cgroup;
    if (cpuFolder === null) return 'no control group with CPU quotas is to be seen';
    const { version, folder } = cpuFolder;
    const parents = version === 2 ? [folder, dirname(folder)] : [folder];
    const accounts = version === 1 && accountFolder !== null && accountFolder !== folder ? [accountFolder] : [];
    for (const each of [...parents, ...accounts]) removeLeftovers(files, each);
    const name = `jobstorm-${process.pid}-${startedTicks(files, process.pid) ?? 0}`;
    let reason = '';
    for (const parent of parents) {
      const path = `${parent}/${name}`;
      try {
        if (version === 2) enableQuotas(files, parent);
        files.makeFolder(path);
      } catch (error) {
        reason ||= `${reasonOf(error)} for a control group in ${parent}`;
        continue;
      }
      const made = new CpuCap([path], files);
      try {
        setQuota(files, version, path, cores);
        return new CpuCap([path, ...addAccounts(files, accounts, name)], files);
      } catch (error) {
        reason ||= `${reasonOf(error)} for a quota in ${path}`;
        made.#tryRemove();
      }
    }
    return reason;
  }

  /** Puts a process, with all its threads, into the group. A text: why it can't. */
  add(pid: number): string | null {
    try {
      for (const folder of this.folders) this.#files.write(`${folder}/cgroup.procs`, String(pid));
      return null;
    } catch (error) {
      return `${reasonOf(error)} when a process was to be moved to ${this.folders[0]}`;
    }
  }

  /** To be called once its processes have ended. False: something is still in it. */
  async remove(): Promise<boolean> {
    for (let i = 0; i < removeTries; i++) {
      if (this.#tryRemove()) return true;
      await new Promise((resolve) => setTimeout(resolve, removeEveryMs));
    }
    return false;
  }

  #tryRemove(): boolean {
    let all = true;
    for (const folder of this.folders) {
      try {
        this.#files.removeFolder(folder);
      } catch (error) {
        if (reasonOf(error) !== 'ENOENT') all = false;
      }
    }
    return all;
  }
}

function enableQuotas(files: CapFiles, parent: string): void {
  if (files.read(`${parent}/cgroup.subtree_control`).split(/\s+/).includes('cpu')) return;
  files.write(`${parent}/cgroup.subtree_control`, '+cpu');
}

function setQuota(files: CapFiles, version: 1 | 2, path: string, cores: number): void {
  const quotaUs = Math.max(1000, Math.round(cores * periodUs));
  if (version === 2) {
    files.write(`${path}/cpu.max`, `${quotaUs} ${periodUs}`);
    return;
  }
  files.write(`${path}/cpu.cfs_period_us`, String(periodUs));
  files.write(`${path}/cpu.cfs_quota_us`, String(quotaUs));
}

/** Accounts of the group's own are nice to have: without them its CPU time is not known, and the cap holds all the same. */
function addAccounts(files: CapFiles, parents: readonly string[], name: string): string[] {
  return parents.flatMap((parent) => {
    try {
      files.makeFolder(`${parent}/${name}`);
      return `${parent}/${name}`;
    } catch {
      return [];
    }
  });
}

function removeLeftovers(files: CapFiles, parent: string): void {
  for (const name of files.list(parent)) {
    const [, pid, ticks] = /^jobstorm-(\d+)-(\d+)$/.exec(name) ?? [];
    if (pid === undefined || startedTicks(files, Number(pid)) === ticks) continue;
    try {
      files.removeFolder(`${parent}/${name}`);
    } catch {
      // A process is still in it, or somebody else was quicker.
    }
  }
}

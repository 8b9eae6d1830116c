// What the control groups of this process grant it and what they have used, versions 1 and 2. A quota or limit may be set on any
// group above the own one; the tightest counts, and usage is that of the group that has it.
// Invariant: what can't be read is null, never 0, and reading never throws.

import { readFileSync } from 'node:fs';
import { type CgroupController, type CgroupFolders, findCgroup } from './cgroup-folders.ts';

/** Counters run from the group's making. A worker's processes share one group, and then all tell the same. */
export interface CgroupUsage {
  /** Cores that its quota comes to; null: none is set. */
  quotaCores: number | null;
  /** CPU time used by the group, in microseconds. */
  cpuUs: number | null;
  /** Scheduler periods in which it wanted to run, those in which it was held back at its quota, and for how long in all. */
  periods: number;
  throttledPeriods: number;
  throttledUs: number;
  /** Without page cache that can be dropped at once; null: no limit is set. */
  memoryBytes: number | null;
  memoryLimitBytes: number | null;
}

/** The text of a file; null when it can't be read. */
export type ReadText = (path: string) => string | null;

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Version 1 writes "no limit" as the largest number of whole pages. */
const noLimitBytes = 2 ** 62;

function toCount(text: string | null | undefined): number | null {
  const trimmed = text?.trim();
  return trimmed && /^\d+$/.test(trimmed) ? Number(trimmed) : null;
}

/** The number behind `key ` in lines of `key value`. */
function field(text: string | null, key: string): number | null {
  return toCount(new RegExp(`^${key} (\\d+)$`, 'm').exec(text ?? '')?.[1]);
}

/** Cores of one group: `cpu.max`, or the two files of version 1. */
function quotaOf(read: ReadText, version: 1 | 2, folder: string): number | null {
  const [quota, period] =
    version === 2
      ? (read(`${folder}/cpu.max`)?.trim().split(' ') ?? [])
      : [read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`)];
  const quotaUs = toCount(quota);
  const periodUs = toCount(period);
  return quotaUs !== null && periodUs ? quotaUs / periodUs : null;
}

function memoryLimitOf(read: ReadText, version: 1 | 2, folder: string): number | null {
  const bytes = toCount(read(`${folder}/${version === 2 ? 'memory.max' : 'memory.limit_in_bytes'}`));
  return bytes !== null && bytes < noLimitBytes ? bytes : null;
}

interface Tightest {
  folder: string;
  value: number;
}

function tightest(
  { version, chain }: CgroupFolders,
  read: ReadText,
  limitOf: (read: ReadText, version: 1 | 2, folder: string) => number | null,
): Tightest | null {
  let found: Tightest | null = null;
  for (const folder of chain) {
    const value = limitOf(read, version, folder);
    if (value !== null && (found === null || value < found.value)) found = { folder, value };
  }
  return found;
}

export class Cgroup {
  readonly #read: ReadText;
  readonly #cpu: CgroupFolders | null;
  readonly #accounts: CgroupFolders | null;
  readonly #memory: CgroupFolders | null;

  /** Of this process, as it is placed now; `read` reads the files of /proc and /sys. */
  constructor(read: ReadText = readText) {
    this.#read = read;
    const groups = read('/proc/self/cgroup') ?? '';
    const mounts = read('/proc/self/mountinfo') ?? '';
    const find = (controller: CgroupController) => findCgroup(controller, groups, mounts);
    this.#cpu = find('cpu');
    this.#accounts = this.#cpu?.version === 2 ? this.#cpu : find('cpuacct');
    this.#memory = find('memory');
  }

  /** The folder of this process's own group in the hierarchy that has CPU quotas, and its version; null: there is none. */
  get cpuFolder(): { version: 1 | 2; folder: string } | null {
    return this.#cpu && { version: this.#cpu.version, folder: this.#cpu.chain[0]! };
  }

  /** The same where CPU time is accounted for, which version 1 may keep apart. */
  get accountFolder(): string | null {
    return this.#accounts?.chain[0] ?? null;
  }

  /** Cores that the tightest quota comes to; null: none is set. */
  get quotaCores(): number | null {
    return this.#cpu && (tightest(this.#cpu, this.#read, quotaOf)?.value ?? null);
  }

  /** Null when neither CPU nor memory is limited: then its group is shared with who knows what, and says nothing. */
  usage(): CgroupUsage | null {
    const quota = this.#cpu && tightest(this.#cpu, this.#read, quotaOf);
    const limit = this.#memory && tightest(this.#memory, this.#read, memoryLimitOf);
    if (!quota && !limit) return null;
    return {
      quotaCores: quota?.value ?? null,
      ...this.#cpuOf(quota),
      memoryBytes: limit && this.#memoryUseOf(limit.folder),
      memoryLimitBytes: limit?.value ?? null,
    };
  }

  #cpuOf(quota: Tightest | null): Pick<CgroupUsage, 'cpuUs' | 'periods' | 'throttledPeriods' | 'throttledUs'> {
    if (!quota || !this.#cpu) return { cpuUs: null, periods: 0, throttledPeriods: 0, throttledUs: 0 };
    const stat = this.#read(`${quota.folder}/cpu.stat`);
    const inV1 = this.#cpu.version === 1;
    return {
      cpuUs: inV1 ? this.#accountedUs(quota.folder) : field(stat, 'usage_usec'),
      periods: field(stat, 'nr_periods') ?? 0,
      throttledPeriods: field(stat, 'nr_throttled') ?? 0,
      throttledUs: inV1 ? (field(stat, 'throttled_time') ?? 0) / 1000 : (field(stat, 'throttled_usec') ?? 0),
    };
  }

  /** Version 1: the group as high up in the hierarchy of accounts as the quota's is in its own. */
  #accountedUs(folder: string): number | null {
    const at = this.#cpu!.chain.indexOf(folder);
    const account = this.#accounts?.chain[at];
    const ns = account === undefined ? null : toCount(this.#read(`${account}/cpuacct.usage`));
    return ns === null ? null : ns / 1000;
  }

  #memoryUseOf(folder: string): number | null {
    const inV2 = this.#memory!.version === 2;
    const used = toCount(this.#read(`${folder}/${inV2 ? 'memory.current' : 'memory.usage_in_bytes'}`));
    if (used === null) return null;
    const cache = field(this.#read(`${folder}/memory.stat`), inV2 ? 'inactive_file' : 'total_inactive_file');
    return Math.max(0, used - (cache ?? 0));
  }
}

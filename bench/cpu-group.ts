// A control group with a CPU quota, for what has to be short of CPU in a measurement, or an idle one, for what has to be out of its way. Linux, and the right to make one: root mostly.
// Invariant: nothing is left of it after `remove`, which is called once its processes have ended.

import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { until } from '@jobstorm/testkit';

const periodUs = 100_000;
const version1 = '/sys/fs/cgroup/cpu';
const version2 = '/sys/fs/cgroup';
let made = 0;

/** Where groups with quotas are; the machine's own top. */
const parent = existsSync(`${version1}/cpu.cfs_period_us`) ? version1 : version2;

export class CpuGroup {
  readonly #folder = `${parent}/jobstorm-bench-${process.pid}-${++made}`;

  /** `idle`: its processes run where nobody else would. @throws Error where it may not be made */
  constructor(cores: number | 'idle') {
    mkdirSync(this.#folder);
    try {
      if (cores === 'idle') writeFileSync(`${this.#folder}/cpu.idle`, '1');
      else this.#limit(String(Math.round(cores * periodUs)));
    } catch (error) {
      rmdirSync(this.#folder);
      throw error;
    }
  }

  #limit(quotaUs: string): void {
    if (parent === version1) {
      writeFileSync(`${this.#folder}/cpu.cfs_period_us`, String(periodUs));
      writeFileSync(`${this.#folder}/cpu.cfs_quota_us`, quotaUs);
    } else writeFileSync(`${this.#folder}/cpu.max`, `${quotaUs} ${periodUs}`);
  }

  /** With all its threads. */
  add(pid: number): void {
    writeFileSync(`${this.#folder}/cgroup.procs`, String(pid));
  }

  async remove(): Promise<void> {
    await until('the control group to be empty', () => {
      try {
        rmdirSync(this.#folder);
        return true;
      } catch {
        return !existsSync(this.#folder);
      }
    });
  }
}

/** Why none can be made here; null: one can. */
export function whyNoCpuGroup(): string | null {
  try {
    void new CpuGroup(1).remove();
    return null;
  } catch (error) {
    return `no control group with a CPU quota can be made: ${(error as Error).message}`;
  }
}

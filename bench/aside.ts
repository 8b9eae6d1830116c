// Puts processes aside: they get only what CPU others leave, as if they ran on another host. In an idle control group where one can be
// made (they give way at once); else with the least priority (they hold a core for some milliseconds now and then).

import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { descendants } from '@jobstorm/testkit';
import { CpuGroup } from './cpu-group.ts';
import type { Nest } from './nest.ts';

const least = 19;

export class Aside {
  readonly #group: CpuGroup | null;

  /** To be made before what is put there is started: it is taken down after it. */
  constructor(nest: Nest) {
    this.#group = idleGroup();
    nest.add(async () => this.#group?.remove());
  }

  /** Whether they give way at once. */
  get isIdle(): boolean {
    return this.#group !== null;
  }

  /** That process and all that it has started, and will. */
  add(pid: number): void {
    for (const each of [pid, ...descendants(pid)]) {
      try {
        if (this.#group) this.#group.add(each);
        else yieldCpu(each);
      } catch {
        // It has ended.
      }
    }
  }
}

function idleGroup(): CpuGroup | null {
  try {
    return new CpuGroup('idle');
  } catch {
    return null;
  }
}

/** Where the kernel shares CPU by session first (autogroup), the session is put aside too. */
function yieldCpu(pid: number): void {
  setPriority(pid, least);
  writeFileSync(`/proc/${pid}/autogroup`, String(least));
}

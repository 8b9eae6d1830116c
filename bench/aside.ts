// Puts processes aside: they get only what CPU others leave, as if they ran on another host.

import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { descendants } from '@jobstorm/testkit';

const least = 19;

/** That process and all that it has started. Where the kernel shares CPU by session first (autogroup), the session is put aside too. */
export function putAside(pid: number): void {
  for (const each of [pid, ...descendants(pid)]) {
    try {
      setPriority(each, least);
      writeFileSync(`/proc/${each}/autogroup`, String(least));
    } catch {
      // It has ended, or this kernel has no such sessions.
    }
  }
}

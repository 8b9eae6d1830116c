// Which processes descend from one of ours, so that tests can see what is left and end what a child started.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface ProcessEntry {
  pid: number;
  parent: number;
  /** `Z`: ended, not yet reaped by its parent. */
  state: string;
}

/** From /proc: "pid (name, may hold blanks and brackets) state parent …". */
function fromProc(): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      entries.push({ pid: Number(name), parent: Number(parent), state: state ?? '' });
    } catch {
      // It ended between the two reads.
    }
  }
  return entries;
}

function fromPs(): ProcessEntry[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state]) => ({ pid: Number(pid), parent: Number(parent), state: state?.[0] ?? '' }));
}

/** Pids of all living children, grandchildren … of `pid`, parents first. */
export function descendants(pid: number = process.pid): number[] {
  const entries = process.platform === 'linux' ? fromProc() : fromPs();
  const found: number[] = [];
  for (const ancestors = [pid]; ancestors.length > 0; ) {
    const parent = ancestors.shift();
    for (const entry of entries) {
      if (entry.parent !== parent || entry.state === 'Z') continue;
      found.push(entry.pid);
      ancestors.push(entry.pid);
    }
  }
  return found;
}

/** True while a process of that pid exists and has not ended. */
export function isAlive(pid: number): boolean {
  const entries = process.platform === 'linux' ? fromProc() : fromPs();
  return entries.some((entry) => entry.pid === pid && entry.state !== 'Z');
}

/** Sends a signal to a process that may have ended already. */
export function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

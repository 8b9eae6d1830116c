// Processes that outlive the command that started them, known again later by pid and start time together.
// Invariant: a signal only goes to a process whose start time is still the one that was noted, so a pid that was given to
// somebody else meanwhile is never hit.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process, whoever had its pid before or has it later. */
export interface ProcessMark {
  pid: number;
  /** Ticks since boot with the boot's id (Linux), else the start time as `ps` has it. */
  startTicks: string;
}

const lookEveryMs = 20;
/** The fields of /proc/PID/stat behind the name, which may hold blanks and brackets: state is the first, starttime the 20th. */
const startField = 19;

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function fromProc(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Ended, and not yet reaped by its parent.
  return fields[0] === 'Z' || fields[0] === 'X' ? null : `${fields[startField]}@${bootId()}`;
}

function fromPs(pid: number): string | null {
  const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [state, ...started] = text.trim().split(/\s+/);
  return !state || state.startsWith('Z') ? null : started.join(' ');
}

/** When the process of this pid started; null: there is none. */
export function startTicksOf(pid: number): string | null {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return null; // no such process
  }
}

export function isRunning({ pid, startTicks }: ProcessMark): boolean {
  return startTicksOf(pid) === startTicks;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {} // it ended a moment ago
}

/** SIGKILL, with all that it started: each part leads a process group of its own. */
export function killGroup(mark: ProcessMark): void {
  if (isRunning(mark)) signal(-mark.pid, 'SIGKILL');
}

async function goneWithin(mark: ProcessMark, ms: number): Promise<boolean> {
  for (const untilMs = performance.now() + ms; ; ) {
    if (!isRunning(mark)) return true;
    if (performance.now() >= untilMs) return false;
    await delay(lookEveryMs);
  }
}

/** Tells it to end by itself, and settles when it has, however long that takes. */
export async function leaveProcess(mark: ProcessMark, name: NodeJS.Signals, abort: AbortSignal): Promise<void> {
  if (isRunning(mark)) signal(mark.pid, name);
  while (isRunning(mark)) await delay(lookEveryMs, undefined, { signal: abort });
}

/** SIGTERM, and SIGKILL to its group after `graceMs`. Settles when it is gone. */
export async function endProcess(mark: ProcessMark, graceMs: number): Promise<'gone before' | 'ended' | 'killed'> {
  if (!isRunning(mark)) return 'gone before';
  signal(mark.pid, 'SIGTERM');
  if (await goneWithin(mark, graceMs)) return 'ended';
  killGroup(mark);
  await goneWithin(mark, 5000);
  return 'killed';
}

// What a process used, by the kernel's account in /proc (Linux). CPU counts in ticks of 10 ms.

import { readdirSync, readFileSync } from 'node:fs';

const usPerTick = 10_000;

/** CPU of these processes since they began, user and system, in µs. One that has ended counts nothing. */
export function cpuUs(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const text = read(`/proc/${pid}/stat`);
    // "pid (name, may hold blanks and brackets) state …": utime and stime are fields 14 and 15.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (fields.length > 12) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * usPerTick;
}

/** The same by the scheduler's account, in whole nanoseconds rather than ticks; of threads that are there now. */
export function fineCpuUs(pids: readonly number[]): number {
  let ns = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      ns += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]);
    }
  }
  return ns / 1000;
}

/** Resident memory now, in bytes. */
export function rssBytes(pid: number): number {
  return memory(pid, 'VmRSS');
}

/** The most resident memory that it ever had, in bytes. */
export function peakRssBytes(pid: number): number {
  return memory(pid, 'VmHWM');
}

function memory(pid: number, field: string): number {
  const kb = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(`/proc/${pid}/status`))?.[1];
  if (kb === undefined)
    throw new Error(`/proc/${pid}/status has no ${field}: the process has ended, or this is no Linux`);
  return Number(kb) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

// One `up`, `down` or `clean` of a checkout at a time: a file that names its holder.
// Invariant: the file appears whole (by a hard link), and a lock whose holder is gone holds nobody up.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JobstormError } from '@jobstorm/protocol';
import { isRunning, type ProcessMark, startTicksOf } from './process.ts';

const lookEveryMs = 50;
const tellAfterMs = 500;
/** A worker that is replaced may take 45 s over its jobs, and its successor 30 s to start. */
const patienceMs = 120_000;

interface Holder extends ProcessMark {
  /** Several locks of one process are still different ones. */
  take: string;
}

let takes = 0;

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // given back meanwhile
  }
}

function holderOf(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function tryTake(path: string, mine: string): boolean {
  const draft = `${path}.${process.pid}.${takes}.tmp`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes a dead holder's lock away; should another one have done that and taken it meanwhile, it gets it back. */
function clearAway(path: string, stale: string): void {
  const aside = `${path}.${process.pid}.${takes}.old`;
  try {
    renameSync(path, aside);
    if (read(aside) !== stale) linkSync(aside, path);
  } catch {} // somebody else was first
  rmSync(aside, { force: true });
}

async function take(path: string, mine: string, tell: (line: string) => void): Promise<void> {
  const startMs = performance.now();
  let told = false;
  while (!tryTake(path, mine)) {
    const text = read(path);
    const holder = text === null ? null : holderOf(text);
    if (text !== null && (holder === null || !isRunning(holder))) {
      clearAway(path, text);
      continue;
    }
    const waitedMs = performance.now() - startMs;
    if (waitedMs > patienceMs) {
      throw new JobstormError(
        'ELOCKED',
        `another jobstorm command (pid ${holder?.pid}) has been starting or ending parts of this checkout for ${patienceMs / 1000} s: let it end, or end it`,
      );
    }
    if (!told && waitedMs > tellAfterMs && holder !== null) {
      told = true;
      tell(`another jobstorm command (pid ${holder.pid}) is starting or ending parts of this checkout: waiting for it`);
    }
    await delay(lookEveryMs);
  }
}

/** Runs `work` when nobody else holds the lock. @throws JobstormError ELOCKED when that takes two minutes */
export async function withLock<T>(path: string, tell: (line: string) => void, work: () => Promise<T>): Promise<T> {
  takes++;
  const holder: Holder = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? '', take: String(takes) };
  const mine = JSON.stringify(holder);
  mkdirSync(dirname(path), { recursive: true });
  await take(path, mine, tell);
  try {
    return await work();
  } finally {
    if (read(path) === mine) rmSync(path, { force: true });
  }
}

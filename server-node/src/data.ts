// The folder of --data: locked, its journal found again, and closed in good order. The lock is taken first and given back last.

import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { JobstormError } from '@jobstorm/protocol';
import { type Disk, openDisk } from './journal/disk.ts';
import type { Fsync } from './journal/fsync.ts';
import { lockFolder } from './journal/lock.ts';
import { recoveryLines } from './journal/report.ts';
import { Storage } from './journal/storage.ts';
import type { State } from './state.ts';

export interface DataOptions {
  folder: string;
  fsync: Fsync;
  /** Lines for an operator. */
  say(line: string): void;
  /** In place of the folder's files, in tests; the folder is locked all the same. */
  disk?: Disk;
  segmentBytes?: number;
}

export interface Data {
  storage: Storage;
  close(): Promise<void>;
}

/** Makes a folder that stays, as its files will, when the power fails: a new name has to be synced where it stands. */
async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    const parent = await open(dirname(made), 'r');
    await parent.sync().finally(() => parent.close());
    if (made === resolve(first)) return;
  }
}

/** What an operator can do about the usual ones, by the system's code. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full, and a start takes 2 MiB: make room and start again, the jobs in it are kept',
  EEXIST: 'that is a file; expected a folder, which is made where it is missing',
  ENOTDIR: 'a part of that path is a file; expected a folder, which is made where it is missing',
};

const otherReason = ({ message }: Error) => `${message}; expected a folder that can be written to`;

/**
 * Fills an empty state with what the folder holds; the folder is made when it is missing.
 * @throws JobstormError ELOCKED when another server has it, EDATA when it can't be read or written, EJOURNAL (see Recovery)
 */
export async function openData({ folder, say, disk, ...options }: DataOptions, state: State): Promise<Data> {
  const refuse = (error: NodeJS.ErrnoException): never => {
    if (error instanceof JobstormError) throw error;
    throw new JobstormError('EDATA', `--data ${folder}: ${reasons[error.code ?? ''] ?? otherReason(error)}`);
  };
  await makeFolder(folder).catch(refuse);
  const lock = await lockFolder(folder).catch(refuse);
  const beganMs = performance.now();
  try {
    const storage = await Storage.open({ ...options, disk: disk ?? (await openDisk(folder)), say, state });
    for (const line of recoveryLines(storage.recovered, performance.now() - beganMs)) say(line);
    return {
      storage,
      async close() {
        await storage.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    return refuse(error as Error);
  }
}

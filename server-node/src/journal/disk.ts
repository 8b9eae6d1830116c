// The disk as the journal sees it: one folder of flat files. Passed in, so that tests put one in its place that fails, loses
// what was not synced, and stops at any step.
// Invariant: what `sync` (of a file's bytes) or `syncNames` (of creations, renames, removals) answered survives a power cut.

import { close, constants, fdatasync, fsync, open, read, write } from 'node:fs';
import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface DiskFile {
  /** Writes all of `bytes` at an offset. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Reads up to the end of `into`; how many bytes there were. */
  read(into: Uint8Array, at: number): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** Every file's name and size in bytes. */
  list(): Promise<{ name: string; size: number }[]>;
  /**
   * Opens a file for reading and writing, made when it is missing.
   * @param isSynced every write settles once it is on disk, which takes less than a write and a sync
   */
  open(name: string, isSynced?: boolean): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  syncNames(): Promise<void>;
}

/** Settles a callback of node:fs. */
function settle<T>(resolve: (value: T) => void, reject: (error: Error) => void) {
  return (error: Error | null, value?: T) => (error ? reject(error) : resolve(value as T));
}

const openFd = (path: string, flags: number) =>
  new Promise<number>((resolve, reject) => open(path, flags, 0o600, settle(resolve, reject)));
const closeFd = (fd: number) => new Promise<void>((resolve, reject) => close(fd, settle(resolve, reject)));

class RealFile implements DiskFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (done: number) =>
        write(this.#fd, bytes, done, bytes.length - done, at + done, (error, written) => {
          if (error) reject(error);
          else if (done + written < bytes.length) go(done + written);
          else resolve();
        });
      go(0);
    });
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const go = (done: number) =>
        read(this.#fd, into, done, into.length - done, at + done, (error, got) => {
          if (error) reject(error);
          else if (got === 0 || done + got === into.length) resolve(done + got);
          else go(done + got);
        });
      go(0);
    });
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => fdatasync(this.#fd, settle(resolve, reject)));
  }

  close(): Promise<void> {
    return closeFd(this.#fd);
  }
}

/** The files of a folder, which is made when it is missing. */
export async function openDisk(folder: string): Promise<Disk> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = (name: string) => join(folder, name);
  return {
    async list() {
      const entries = await readdir(folder, { withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return Promise.all(files.map(async ({ name }) => ({ name, size: (await stat(path(name))).size })));
    },
    async open(name, isSynced = false) {
      const flags = constants.O_RDWR | constants.O_CREAT | (isSynced ? constants.O_DSYNC : 0);
      return new RealFile(await openFd(path(name), flags));
    },
    rename: (from, to) => rename(path(from), path(to)),
    remove: (name) => unlink(path(name)),
    async syncNames() {
      const fd = await openFd(folder, constants.O_RDONLY);
      try {
        await new Promise<void>((resolve, reject) => fsync(fd, settle(resolve, reject)));
      } finally {
        await closeFd(fd);
      }
    },
  };
}

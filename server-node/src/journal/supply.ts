// Files for the segments to come, laid out ahead of their use: writing over bytes that a file has is synced in half the time
// that growing it takes, and a full disk shows here, while pushes can still be refused, and not under a group of promises.
//
//   dead segment ──rename──▶ spare ──rename──┐
//                    new file, zeros, sync ──┴─▶ made ──take()──▶ OpenSegment
//
// Invariant: files are handed out in the order of their numbers; one that is taken before it is made is made first.

import type { Disk, DiskFile } from './disk.ts';
import { type DeadFile, type MadeFile, type OpenSegment, readName, segmentName, spareName } from './segment-file.ts';

/** Bytes laid out and synced at once: groups of replies wait behind each such step, and would wait long behind a whole segment. */
const stepBytes = 512 * 1024;
const zeros = Buffer.alloc(stepBytes);
/** The first file of a start may be as small as this, in bytes: with it jobs can end, and those that have ended make room. */
const leastBytes = 2 * 1024 * 1024;
/** Files of dead segments that are kept to be used again. */
const maxKept = 2;

/**
 * Takes dead files out of the journal: under other names, to be used again, as long as they are whole and few, or for good. They
 * are out of it, whatever happens, when this resolves.
 * @param dead emptied; where this fails it has those that are still to be taken out, and the folder may not be synced
 * @param kept names of those that were kept before; added to
 */
export async function takeOut(disk: Disk, dead: DeadFile[], segmentBytes: number, kept: string[]): Promise<void> {
  if (dead.length === 0) return;
  for (let next = dead[0]; next; next = dead[0]) {
    const read = readName(next.name);
    if (next.size !== segmentBytes || kept.length >= maxKept || !read) await disk.remove(next.name);
    else {
      const spare = spareName(read.number);
      if (!read.isSpare) await disk.rename(next.name, spare);
      kept.push(spare);
    }
    dead.shift();
  }
  await disk.syncNames();
}

class Coming {
  readonly number: number;
  file: DiskFile | null = null;
  /** Bytes to be laid out for it, or that were. */
  capacity: number;
  resolve: (made: MadeFile) => void = () => {};
  reject: (error: Error) => void = () => {};
  /** Rejects when the supply is closed before it is made. */
  readonly ready: Promise<MadeFile>;

  constructor(number: number, capacity: number) {
    this.number = number;
    this.capacity = capacity;
    this.ready = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.ready.catch(() => {}); // told to those who wait for it
  }
}

export interface SupplyOptions {
  disk: Disk;
  /** Files are opened so that every write to them is synced. */
  isSynced: boolean;
  segmentBytes: number;
  /** Of the next file. */
  number: number;
  /** Names of whole files that can be used again. */
  unused: readonly string[];
  /** Called when a file could not be made (once until one could), and with null when it works again. */
  onFailure(error: Error | null): void;
}

export class Supply {
  readonly #disk: Disk;
  readonly #isSynced: boolean;
  readonly #segmentBytes: number;
  readonly #onFailure: (error: Error | null) => void;
  readonly #unused: string[];
  #number: number;
  /** Not made yet, in the order of their numbers. */
  readonly #making: Coming[] = [];
  /** Made, or being made, and not taken. */
  #spare: Coming;
  #work: Promise<void> | null = null;
  #isClosed = false;
  /** One was made. */
  hasMade = false;
  failure: Error | null = null;

  constructor({ disk, isSynced, segmentBytes, number, unused, onFailure }: SupplyOptions) {
    this.#disk = disk;
    this.#isSynced = isSynced;
    this.#segmentBytes = segmentBytes;
    this.#number = number;
    this.#unused = [...unused];
    this.#onFailure = onFailure;
    this.#spare = this.#order();
  }

  /** Bytes that are laid out and not taken. */
  get room(): number {
    return this.#spare.file ? this.#spare.capacity : 0;
  }

  /** The next file, made or not; the one behind it is begun. */
  take(): Pick<OpenSegment, 'number' | 'file' | 'ready' | 'capacity'> {
    const { number, file, ready, capacity } = this.#spare;
    this.#spare = this.#order();
    return { number, file, ready, capacity };
  }

  /** The number that the next `take` gives. */
  get nextNumber(): number {
    return this.#spare.number;
  }

  /** Takes the files of dead segments back; `dead` as for `takeOut`. */
  async giveBack(dead: DeadFile[]): Promise<void> {
    await takeOut(this.#disk, dead, this.#segmentBytes, this.#unused);
    this.retry();
  }

  /** Tries again to make what could not be made. */
  retry(): void {
    if (this.#isClosed) return;
    this.#work ??= this.#makeAll().finally(() => {
      this.#work = null;
    });
  }

  /** Makes what was taken, if it can be made, and ends. Files that were taken are their taker's. */
  async close(): Promise<void> {
    this.retry();
    this.#isClosed = true;
    await this.#work;
    for (const coming of this.#making.splice(0)) coming.reject(this.failure ?? new Error('the journal is closed'));
    await this.#spare.file?.close();
  }

  #order(): Coming {
    const coming = new Coming(this.#number++, this.#segmentBytes);
    this.#making.push(coming);
    this.retry();
    return coming;
  }

  async #makeAll(): Promise<void> {
    for (let next = this.#making[0]; next; next = this.#making[0]) {
      if (this.#isClosed && next === this.#spare) return;
      try {
        next.file = await this.#make(next);
      } catch (error) {
        if (!this.failure) this.#onFailure(error as Error);
        this.failure = error as Error;
        return;
      }
      if (this.failure) this.#onFailure(null);
      this.failure = null;
      this.hasMade = true;
      this.#making.shift();
      next.resolve({ file: next.file, capacity: next.capacity });
    }
  }

  async #make(coming: Coming): Promise<DiskFile> {
    const name = segmentName(coming.number);
    const old = this.#unused.shift();
    if (old !== undefined) await this.#disk.rename(old, name);
    const file = await this.#disk.open(name, this.#isSynced);
    try {
      if (old === undefined) coming.capacity = await this.#layOut(file);
      await this.#disk.syncNames();
      return file;
    } catch (error) {
      await file.close();
      // Half a file is room that somebody else may need.
      await this.#disk.remove(name).catch(() => {});
      throw error;
    }
  }

  /** How many bytes were laid out: all of a segment, or for the first one what there is room for. */
  async #layOut(file: DiskFile): Promise<number> {
    let at = 0;
    try {
      for (; at < this.#segmentBytes; at += stepBytes) {
        await file.write(zeros.subarray(0, Math.min(stepBytes, this.#segmentBytes - at)), at);
        if (!this.#isSynced) await file.sync();
      }
    } catch (error) {
      if (this.hasMade || at < leastBytes || (error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      return at;
    }
    return this.#segmentBytes;
  }
}

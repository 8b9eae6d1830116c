// A disk in memory that fails and stops on demand. It knows what was synced and what was not, so that after a power cut any part
// of the rest may be missing: of each file's writes any sectors, of the folder's changes all after some point.
//
// Invariant: once it is dead, no operation settles any more, as for a process that was killed in the middle of one.

import type { Disk, DiskFile } from '../../src/journal/disk.ts';

const sectorBytes = 512;

interface Write {
  at: number;
  bytes: Buffer;
}

/** What a name stands for. */
class Inode {
  /** As whoever reads now sees it. */
  now: Buffer = Buffer.alloc(0);
  /** As it is on disk for sure. */
  synced: Buffer = Buffer.alloc(0);
  unsynced: Write[] = [];
}

function put(content: Buffer, { at, bytes }: Write): Buffer {
  let result = content;
  if (content.length < at + bytes.length) {
    result = Buffer.alloc(at + bytes.length);
    content.copy(result);
  }
  bytes.copy(result, at);
  return result;
}

/** What a power cut leaves: a function of 0 ≤ n < `of` decides each time. */
export type Dice = (of: number) => number;

export class FakeDisk implements Disk {
  #names = new Map<string, Inode>();
  #syncedNames = new Map<string, Inode>();
  /** The folder after each change since it was synced. */
  #nameChanges: Map<string, Inode>[] = [];
  /** Operations begun. */
  steps = 0;
  /** It dies at this operation, which is not done. */
  diesAt = Number.POSITIVE_INFINITY;
  /** Bytes of content that it takes. */
  capacity = Number.POSITIVE_INFINITY;
  /** Makes operations of that name fail. */
  failing: 'write' | 'sync' | null = null;
  /** These operations fail, once each, by number. */
  failsAt = new Set<number>();
  /** Counted by operation. */
  readonly counts: Record<string, number> = {};

  static #of(names: Map<string, Buffer>): FakeDisk {
    const disk = new FakeDisk();
    for (const [name, content] of names) {
      const inode = new Inode();
      inode.now = Buffer.from(content);
      inode.synced = Buffer.from(content);
      disk.#names.set(name, inode);
    }
    disk.#syncedNames = new Map(disk.#names);
    return disk;
  }

  get isDead(): boolean {
    return this.steps > this.diesAt;
  }

  get bytes(): number {
    return [...this.#names.values()].reduce((sum, { now }) => sum + now.length, 0);
  }

  names(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** The content of a file, to be looked at or changed in place. */
  content(name: string): Buffer {
    return this.#names.get(name)!.now;
  }

  /** The disk as the next process finds it after the end of this one. */
  afterKill(): FakeDisk {
    return FakeDisk.#of(new Map([...this.#names].map(([name, { now }]) => [name, now])));
  }

  /** The disk after a power cut. */
  afterPowerCut(dice: Dice): FakeDisk {
    const kept = dice(this.#nameChanges.length + 1);
    const names = kept === 0 ? this.#syncedNames : this.#nameChanges[kept - 1]!;
    const torn = new Map<Inode, Buffer>();
    const contentOf = (inode: Inode) => {
      let content = torn.get(inode);
      if (content) return content;
      content = Buffer.from(inode.synced);
      // All of them, none, or any sectors.
      const mode = dice(3);
      for (const { at, bytes } of inode.unsynced) {
        for (let from = 0; from < bytes.length; ) {
          const end = Math.min(bytes.length, from + sectorBytes - ((at + from) % sectorBytes));
          const isKept = mode === 0 || (mode === 2 && dice(2) === 0);
          if (isKept) content = put(content, { at: at + from, bytes: bytes.subarray(from, end) });
          from = end;
        }
      }
      torn.set(inode, content);
      return content;
    };
    return FakeDisk.#of(new Map([...names].map(([name, inode]) => [name, contentOf(inode)])));
  }

  list(): Promise<{ name: string; size: number }[]> {
    return this.#step('list', () => [...this.#names].map(([name, { now }]) => ({ name, size: now.length })));
  }

  open(name: string, isSynced = false): Promise<DiskFile> {
    return this.#step('open', () => {
      let inode = this.#names.get(name);
      if (!inode) {
        inode = new Inode();
        this.#names.set(name, inode);
        this.#changed();
      }
      const file = this.#file(inode);
      if (!isSynced) return file;
      return { ...file, write: (bytes, at) => file.write(bytes, at).then(() => file.sync()) };
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step('rename', () => {
      const inode = this.#names.get(from);
      if (!inode) throw failure('ENOENT', from);
      this.#names.delete(from);
      this.#names.set(to, inode);
      this.#changed();
    });
  }

  remove(name: string): Promise<void> {
    return this.#step('remove', () => {
      if (!this.#names.delete(name)) throw failure('ENOENT', name);
      this.#changed();
    });
  }

  syncNames(): Promise<void> {
    return this.#step('syncNames', () => {
      this.#syncedNames = new Map(this.#names);
      this.#nameChanges = [];
    });
  }

  #changed(): void {
    this.#nameChanges.push(new Map(this.#names));
  }

  #file(inode: Inode): DiskFile {
    let isClosed = false;
    const step = <T>(name: string, work: () => T, dying?: () => void, failing?: () => void) => {
      if (isClosed) return Promise.reject(failure('EBADF', `bad file descriptor, ${name}`));
      return this.#step(name, work, dying, failing);
    };
    return {
      write: (bytes, at) => {
        const write = { at, bytes: Buffer.from(bytes) };
        const put = (part: Write) => this.#write(inode, part);
        const half = { at, bytes: write.bytes.subarray(0, bytes.length >> 1) };
        // A write under way may be there in part when the power goes, and one that fails may have got half of it done.
        return step(
          'write',
          () => {
            const grown = Math.max(0, at + bytes.length - inode.now.length);
            if (this.bytes + grown > this.capacity) throw failure('ENOSPC', 'no space left on device, write');
            if (this.failing === 'write') throw failure('EIO', 'i/o error, write');
            put(write);
          },
          () => inode.unsynced.push(write),
          () => put(half),
        );
      },
      read: (into, at) => step('read', () => inode.now.copy(into, 0, at)),
      sync: () =>
        step('sync', () => {
          if (this.failing === 'sync') throw failure('EIO', 'i/o error, fdatasync');
          inode.synced = Buffer.from(inode.now);
          inode.unsynced = [];
        }),
      close: () =>
        step('close', () => {
          isClosed = true;
        }),
    };
  }

  #write(inode: Inode, write: Write): void {
    inode.now = put(inode.now, write);
    inode.unsynced.push(write);
  }

  async #step<T>(name: string, work: () => T, dying = () => {}, failing = () => {}): Promise<T> {
    const number = ++this.steps;
    const never = new Promise<never>(() => {});
    if (number > this.diesAt) {
      if (number === this.diesAt + 1) dying();
      return never;
    }
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    await new Promise(setImmediate);
    if (this.isDead) return never;
    if (!this.failsAt.has(number)) return work();
    failing();
    throw failure('EIO', `i/o error, ${name}`);
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

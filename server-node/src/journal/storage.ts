// The journal of one folder put together: lock, recovery, files to come, group commit, cleaning. Invariant: from `open` to
// `close` nobody else has the folder, and afterwards no file, timer or lock is left open.

import type { State } from '../state.ts';
import { Cleaner } from './cleaner.ts';
import type { Disk } from './disk.ts';
import { type Fsync, syncEveryMs } from './fsync.ts';
import { Journal } from './journal.ts';
import { type Recovered, Recovery } from './recovery.ts';
import { Supply, takeOut } from './supply.ts';

export const defaultSegmentBytes = 16 * 1024 * 1024;
/** How often what can't be written is tried again, and dead segments are looked for. */
const careEveryMs = 1000;

export interface StorageOptions {
  disk: Disk;
  fsync: Fsync;
  /** Empty; filled with what the journal holds, and followed from then on. */
  state: State;
  /** Lines for an operator. */
  say(line: string): void;
  segmentBytes?: number;
}

/** What INFO says of it. */
export interface StorageInfo {
  fsync: Fsync;
  segments: number;
  /** What its full segments take up on disk. */
  bytes: number;
  /** Why no jobs are taken; null: they are. */
  failure: string | null;
}

export class Storage {
  readonly journal: Journal;
  readonly recovered: Omit<Recovered, 'live'>;
  readonly #fsync: Fsync;
  readonly #cleaner: Cleaner;
  #syncedMs = 0;
  #caredMs = 0;
  #syncing: Promise<void> | null = null;
  /** The last sync failed, and that was said. */
  #isUnsynced = false;
  #say: (line: string) => void;

  private constructor(options: StorageOptions, recovered: Recovered, supply: Supply) {
    const { disk, fsync, state, say, segmentBytes = defaultSegmentBytes } = options;
    const { live, nextId, queueNumber, previous, segments } = recovered;
    this.recovered = recovered;
    this.#fsync = fsync;
    this.#say = say;
    const onSealed = (sealed: Parameters<Cleaner['add']>[0]) => this.#cleaner.add(sealed);
    const onShort = () => void this.#cleaner.run();
    this.journal = new Journal({ state, supply, live, nextId, queueNumber, fsync, previous, onSealed, onShort, say });
    this.#cleaner = new Cleaner({ disk, supply, live, journal: this.journal, fsync, segmentBytes, segments, say });
  }

  /**
   * Brings `state` to where the journal left it, and keeps its changes from then on.
   * @throws Error when the disk can't be read or written, JobstormError EJOURNAL when the format is not known
   */
  static async open(options: StorageOptions): Promise<Storage> {
    const { disk, fsync, state, say, segmentBytes = defaultSegmentBytes } = options;
    const recovered = await Recovery.run(disk, state);
    const unused: string[] = [];
    await takeOut(disk, [...recovered.unused], segmentBytes, unused);
    let fail: (error: Error) => void = () => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => {}); // heard of below, or by `say`
    const onFailure = (error: Error | null) => {
      if (error && !supply.hasMade) fail(error);
      say(
        error
          ? `no room can be made for the journal (${error.message}); jobs are refused once what there is is full`
          : 'the journal has room again',
      );
    };
    const supply = new Supply({
      disk,
      isSynced: fsync === 'always',
      segmentBytes,
      number: recovered.nextNumber,
      unused,
      onFailure,
    });
    const storage = new Storage(options, recovered, supply);
    try {
      await Promise.race([storage.journal.settled(), failed]);
    } catch (error) {
      await storage.close();
      throw error;
    }
    state.attach(storage.journal);
    return storage;
  }

  info(): StorageInfo {
    const { count, bytes } = this.#cleaner;
    return { fsync: this.#fsync, segments: count + 1, bytes, failure: this.journal.failure?.message ?? null };
  }

  /** What is due by the clock, in monotonic milliseconds. */
  tick(nowMs: number): void {
    if (this.#fsync === 'interval' && nowMs - this.#syncedMs >= syncEveryMs && !this.#syncing) {
      this.#syncedMs = nowMs;
      this.#syncing = this.#sync().finally(() => {
        this.#syncing = null;
      });
    }
    if (nowMs - this.#caredMs < careEveryMs) return;
    this.#caredMs = nowMs;
    if (this.journal.failure) this.journal.retry();
    this.journal.onStored(); // whoever waits because too much was on its way is to hear of a failure
    if (this.journal.failure && this.#fsync === 'never') void this.#sync();
    void this.#cleaner.run();
  }

  /** Syncs, and says when that begins to fail and when it works again. Never rejects. */
  async #sync(): Promise<void> {
    try {
      await this.journal.sync();
      if (this.#isUnsynced) this.#say('the journal can be synced again; jobs are taken');
      this.#isUnsynced = false;
    } catch (error) {
      if (!this.#isUnsynced)
        this.#say(`the journal can't be synced (${(error as Error).message}); jobs are refused until it can`);
      this.#isUnsynced = true;
    }
  }

  /** Resolves when no dead segment is left that could go. */
  clean(): Promise<void> {
    return this.#cleaner.run();
  }

  async close(): Promise<void> {
    const cleaned = this.#cleaner.close();
    await this.journal.close();
    await cleaned;
    await this.#syncing;
  }
}

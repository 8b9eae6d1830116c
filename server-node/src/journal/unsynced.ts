// What is written and not synced yet, under --fsync interval and never: which segments, and how they are synced.
//
// Invariant: when `sync` settles, everything that was written before it was called is on disk. A segment's file is in use
// (`isUsing`) from its first unsynced byte until then, so nobody closes it in between.

import type { OpenSegment } from './segment-file.ts';

export class Unsynced {
  readonly #segments = new Set<OpenSegment>();
  /** Being synced now. */
  #current: OpenSegment | null = null;
  /** Their last sync failed. */
  readonly #failed = new Set<OpenSegment>();
  /** Syncs come one after the other: whoever asks for one has to wait for the one under way, which has taken some segments out. */
  #last: Promise<void> = Promise.resolve();
  /** Why the last sync failed; null: it did not. */
  failure: Error | null = null;

  add(segment: OpenSegment): void {
    this.#segments.add(segment);
  }

  isUsing(segment: OpenSegment): boolean {
    return this.#segments.has(segment) || this.#current === segment;
  }

  /** Leaves it to the system when a segment gets to the disk, as `never` has it; false while it is being synced all the same. */
  forget(segment: OpenSegment): boolean {
    if (this.#current === segment) return false;
    this.#segments.delete(segment);
    this.#failed.delete(segment);
    return true;
  }

  /** @throws Error when a file can't be synced; it is tried again by the next call */
  sync(): Promise<void> {
    const mine = this.#last.catch(() => {}).then(() => this.#syncAll());
    this.#last = mine;
    mine.catch(() => {}); // whoever asked hears of it
    return mine;
  }

  async #syncAll(): Promise<void> {
    for (const segment of [...this.#segments]) {
      this.#segments.delete(segment);
      this.#current = segment;
      try {
        if (this.#failed.has(segment)) await this.#writeAgain(segment);
        await segment.file?.sync();
        this.#failed.delete(segment);
      } catch (error) {
        this.#segments.add(segment);
        this.#failed.add(segment);
        this.failure = error as Error;
        throw error;
      } finally {
        this.#current = null;
      }
    }
    this.failure = null;
  }

  /** A system forgets what it could not bring to the disk, and calls the next sync a success; so it gets it once more. */
  async #writeAgain({ file, written }: OpenSegment): Promise<void> {
    if (!file) return;
    const bytes = Buffer.allocUnsafe(written);
    const got = await file.read(bytes, 0);
    await file.write(bytes.subarray(0, got), 0);
  }
}

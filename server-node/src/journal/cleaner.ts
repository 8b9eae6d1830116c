// Makes room while the server works. A segment whose jobs have all ended goes; when more than half of what the sealed segments
// take up is dead, runs of sparse ones are rewritten as one, in their place:
//
//   1 [##########]  2 [#.........]  3 [..#.......]  4 [##.#######]      ─▶      1 [##########]  2 (to 3) [##]  4 [##.#######]
//
// so that jobs stay in the order of their ids. That a job has ended is said by a record in its own or a later segment; it has
// to stay for as long as an earlier segment still holds the job.
// Invariant: a segment is touched only once everything that made its jobs dead is on disk; what is known of the segments is what
// the next start would find, whatever fails in between; files leave the journal one after the other, each for good before the next
// one does.

import { makeBlock } from '../block.ts';
import type { Disk } from './disk.ts';
import { frameHeaderBytes, readFrame } from './frame.ts';
import type { Fsync } from './fsync.ts';
import type { LiveIds } from './live-ids.ts';
import { idAt, Kind, kindAt, recordEnd } from './record.ts';
import { type DeadFile, type SealedSegment, segmentName } from './segment-file.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { Supply } from './supply.ts';

/** Bytes that are looked through in one turn of the event loop. */
const strideBytes = 128 * 1024;
const temporaryName = 'rewrite.tmp';

/** What the cleaner has to know of the journal. */
export interface Settling {
  /** Number of the segment that is being filled. */
  readonly openNumber: number;
  settled(): Promise<void>;
  sync(): Promise<void>;
}

export interface CleanerOptions {
  disk: Disk;
  supply: Supply;
  live: LiveIds;
  journal: Settling;
  fsync: Fsync;
  segmentBytes: number;
  segments: readonly SealedSegment[];
  say(line: string): void;
}

export class Cleaner {
  readonly #options: CleanerOptions;
  /** In the order of their numbers. */
  #segments: SealedSegment[];
  /** Files of what is no segment any more, still to be taken out. */
  readonly #leaving: DeadFile[] = [];
  /** The folder's names may have been changed since it was synced. */
  #isRenamed = false;
  #work: Promise<void> | null = null;
  #isClosed = false;
  #hasFailed = false;

  constructor(options: CleanerOptions) {
    this.#options = options;
    this.#segments = [...options.segments];
  }

  /** Bytes that sealed segments take up on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
  }

  get count(): number {
    return this.#segments.length;
  }

  add(segment: SealedSegment): void {
    this.#segments.push(segment);
    this.run();
  }

  /** Cleans what is to be cleaned, unless that is under way; resolves when it is over. Never rejects. */
  run(): Promise<void> {
    this.#work ??= this.#clean()
      .then(() => {
        this.#hasFailed = false;
      })
      .catch((error: Error) => {
        // A full disk, say: it is tried again, and the journal says what that means for jobs.
        if (!this.#hasFailed) this.#options.say(`dead segments of the journal stay for now: ${error.message}`);
        this.#hasFailed = true;
      })
      .finally(() => {
        this.#work = null;
      });
    return this.#work;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#work;
  }

  async #clean(): Promise<void> {
    // Not at once: whoever seals a segment is in the middle of a change.
    await new Promise(setImmediate);
    while (!this.#isClosed) {
      await this.#release();
      const dead = this.#segments.find((segment) => this.#liveIn(segment) === 0 && !this.#isNeededBefore(segment));
      const run = dead ? null : this.#sparseRun();
      if (dead) await this.#drop(dead);
      else if (run) await this.#rewriteWhatFits(run);
      else return;
    }
  }

  #liveIn({ firstId, endId }: SealedSegment): number {
    return this.#options.live.count(firstId, endId);
  }

  /** Earlier segments that hold ended jobs whose ends may be recorded in this one. */
  #holdersBefore({ number, through }: SealedSegment): SealedSegment[] {
    return this.#segments.filter(
      (other) => other.number < number && through >= other.cleanAsOf && this.#liveIn(other) < other.jobs,
    );
  }

  #isNeededBefore(segment: SealedSegment): boolean {
    return this.#holdersBefore(segment).length > 0;
  }

  /** Bytes of a segment that would stay if it were rewritten, about. */
  #liveBytes(segment: SealedSegment): number {
    const { jobs, used, number, cleanAsOf } = segment;
    if (jobs > 0) return (used * this.#liveIn(segment)) / jobs;
    // It has ends of jobs only; once it was rewritten, they are all needed.
    return cleanAsOf > number ? used : 0;
  }

  /** Neighbours that fit into one segment together, when there is enough to gain by it. */
  #sparseRun(): SealedSegment[] | null {
    const { segmentBytes } = this.#options;
    const live = this.#segments.map((segment) => this.#liveBytes(segment));
    const liveBytes = live.reduce((sum, bytes) => sum + bytes, 0);
    if (this.bytes - liveBytes <= Math.max(liveBytes, 2 * segmentBytes)) return null;
    const isSparse = (i: number) => live[i]! * 2 < this.#segments[i]!.size && !this.#segments[i]!.isDamaged;
    const first = this.#segments.findIndex((_, i) => isSparse(i));
    if (first < 0) return null;
    let end = first + 1;
    let bytes = live[first]!;
    while (end < this.#segments.length && isSparse(end) && bytes + live[end]! < segmentBytes * 0.75)
      bytes += live[end++]!;
    return this.#segments.slice(first, end);
  }

  /** Waits until all that was done up to now is on disk. */
  async #settle(): Promise<void> {
    const { journal, fsync } = this.#options;
    await journal.settled();
    if (fsync !== 'always') await journal.sync();
  }

  /** Takes out of the journal what is to leave it; after a failure it goes on where it was. */
  async #release(): Promise<void> {
    if (this.#isRenamed) await this.#options.disk.syncNames();
    this.#isRenamed = this.#leaving.length > 0;
    await this.#options.supply.giveBack(this.#leaving);
    this.#isRenamed = false;
  }

  async #drop(segment: SealedSegment): Promise<void> {
    await this.#settle();
    this.#segments = this.#segments.filter((other) => other !== segment);
    this.#options.live.shrink(this.#segments[0]?.firstId ?? segment.endId);
    this.#leaving.push(fileOf(segment));
    await this.#release();
  }

  /** Where there is no room for a whole run, the one of it that holds least makes some. */
  async #rewriteWhatFits(run: readonly SealedSegment[]): Promise<void> {
    try {
      await this.#rewrite(run);
    } catch (error) {
      if (run.length === 1 || (error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      await this.#rewrite([
        run.reduce((least, each) => (this.#liveBytes(each) < this.#liveBytes(least) ? each : least)),
      ]);
    }
  }

  async #rewrite(run: readonly SealedSegment[]): Promise<void> {
    const { disk, journal } = this.#options;
    const [first, last] = [run[0]!, run.at(-1)!];
    const cleanAsOf = journal.openNumber;
    const writer = await SegmentWriter.open(disk, temporaryName, first.number, last.through, first.firstId);
    let jobs = 0;
    try {
      for (const segment of run)
        jobs += await this.#copy(segment, this.#holdersBefore({ ...first, through: segment.through }), writer);
      await this.#settle();
      await writer.finish();
    } catch (error) {
      await writer.abandon();
      if (error instanceof DamageError) return;
      throw error;
    }
    await disk.rename(temporaryName, segmentName(first.number));
    this.#isRenamed = true;
    const { used, records } = writer;
    const kept = { through: last.through, endId: last.endId, size: used, used, records, jobs, cleanAsOf };
    this.#segments = this.#segments.flatMap((each) =>
      each === first ? [{ ...first, ...kept }] : run.includes(each) ? [] : [each],
    );
    this.#leaving.push(...run.slice(1).map(fileOf));
    await this.#release();
  }

  /** Copies what is still needed of a segment; how many jobs that was. */
  async #copy(segment: SealedSegment, holders: readonly SealedSegment[], writer: SegmentWriter): Promise<number> {
    const block = await this.#read(segment);
    let jobs = 0;
    let looked = 0;
    let index = 0;
    for (let start = 0; index < segment.records; ) {
      const frame = readFrame(block, start, segment.number);
      if (!frame || frame.index !== index) {
        segment.isDamaged = true;
        this.#options.say(`${segmentName(segment.number)} can't be read back at byte ${start}: it stays as it is`);
        throw new DamageError();
      }
      for (let at = start + frameHeaderBytes; at < frame.end; ) {
        const end = recordEnd(block, at);
        const need = this.#need(kindAt(block, at), idAt(block, at), holders);
        if (need !== 'none') writer.copy(block, at, end);
        if (need === 'job') jobs++;
        at = end;
      }
      start = frame.end;
      index = frame.index + frame.count;
      looked += frame.end - frame.start;
      if (looked < strideBytes) continue;
      looked = 0;
      await writer.drain();
      await new Promise(setImmediate);
      if (this.#isClosed) throw new DamageError();
    }
    return jobs;
  }

  #need(kind: number, id: number, holders: readonly SealedSegment[]): 'job' | 'end' | 'none' {
    switch (kind) {
      case Kind.queued:
      case Kind.dated:
        return this.#options.live.has(id) ? 'job' : 'none';
      case Kind.done:
      case Kind.failed:
      case Kind.left:
        return holders.some(({ firstId, endId }) => id >= firstId && id < endId) ? 'end' : 'none';
      case Kind.flushed:
        return holders.length > 0 ? 'end' : 'none';
      default:
        return 'none'; // what the segments behind it begin with says it all
    }
  }

  async #read({ number, used }: SealedSegment) {
    const block = makeBlock(used);
    const file = await this.#options.disk.open(segmentName(number));
    try {
      await file.read(block.bytes, 0);
    } finally {
      await file.close();
    }
    return block;
  }
}

const fileOf = ({ number, size }: SealedSegment): DeadFile => ({ name: segmentName(number), size });

/** The run is given up. */
class DamageError extends Error {}

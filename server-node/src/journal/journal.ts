// The journal: every change of the state as a record on disk, in groups. Whatever is gathered while one group is being written
// and synced is the next group; it begins when that one ends, with no timer in between.
//
//   changes ─▶ Gather ──commit()──▶ group: write, sync ──▶ stored = its end ──▶ replies go out (turn.ts)
//                ▲ position                                   │ failed: the same group again, until it works
//
// Invariant: records are on disk in the order in which they were made: what lies before `stored` is safe (as safe as --fsync
// has it), and `stored <= position`. While nothing can be written, no job is taken in; what was taken in before is kept, in
// memory and in the group that is tried again, and nobody is told that it is stored.

import type { JobText } from '../job-text.ts';
import type { JobQueue } from '../queue.ts';
import type { Destination, SetName, State, StateLog } from '../state.ts';
import type { Fsync } from './fsync.ts';
import { Gather, type Group } from './gather.ts';
import type { LiveIds } from './live-ids.ts';
import { endedBytes, jobBytes, Kind, type Opening, queueRecordBytes, setNames } from './record.ts';
import type { OpenSegment, SealedSegment } from './segment-file.ts';
import type { Supply } from './supply.ts';
import { Unsynced } from './unsynced.ts';

/** Room in bytes that pushes leave to the records of ACK and FAIL, which make room. */
const reservedBytes = 1024 * 1024;
/** Gathered bytes from which on no more commands are run before some are stored. */
const crowdBytes = 8 * 1024 * 1024;

export interface JournalOptions {
  state: State;
  supply: Supply;
  live: LiveIds;
  nextId: number;
  /** The highest number that a queue ever had. */
  queueNumber: number;
  fsync: Fsync;
  previous: { number: number; records: number } | null;
  /** A segment is full. */
  onSealed(sealed: SealedSegment): void;
  /** A group was stored while no further segment can be made: what can go should go now. */
  onShort(): void;
  /** Something that an operator has to know. */
  say(line: string): void;
}

export class Journal implements StateLog {
  readonly #state: State;
  readonly #supply: Supply;
  readonly #live: LiveIds;
  readonly #fsync: Fsync;
  readonly #onShort: () => void;
  readonly #say: (line: string) => void;
  readonly #gather: Gather;
  #nextId: number;
  #queueNumber: number;
  /** Settles when nothing is gathered any more, or can't be stored; null: nothing is under way. Never rejects. */
  #storing: Promise<void> | null = null;
  #isClosed = false;
  #failure: Error | null = null;
  #retry: (() => void) | null = null;
  readonly #unsynced = new Unsynced();
  /** Segments that are full, and whose files are still open. */
  #full: OpenSegment[] = [];
  #waiters: { position: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  #stored = 0;
  #isAnnounced = false;
  /** Called when there is something to commit, once until `commit`. */
  onDirty: () => void = () => {};
  /** Called when a group was stored, and now and then. */
  onStored: () => void = () => {};

  constructor(options: JournalOptions) {
    this.#state = options.state;
    this.#supply = options.supply;
    this.#live = options.live;
    this.#fsync = options.fsync;
    this.#onShort = options.onShort;
    this.#say = options.say;
    this.#nextId = options.nextId;
    const gatherOptions = {
      supply: options.supply,
      opening: () => this.#opening(),
      onFull: (segment: OpenSegment, used: number) => {
        const { number, capacity, records, firstId } = segment;
        const sizes = { size: Math.max(capacity, used), used, records, firstId, endId: this.#nextId };
        const jobs = this.#nextId - firstId;
        this.#full.push(segment);
        options.onSealed({ number, through: number, ...sizes, jobs, cleanAsOf: number, isDamaged: false });
      },
    };
    this.#queueNumber = options.queueNumber;
    for (const queue of this.#state.queues.all()) queue.journalNumber ||= ++this.#queueNumber;
    this.#gather = new Gather(gatherOptions, options.previous);
  }

  /** Grows with every change, in bytes. */
  get position(): number {
    return this.#gather.position;
  }

  /** Changes up to this position are stored. */
  get stored(): number {
    return this.#stored;
  }

  /** So much waits to be stored that commands have to wait, too. */
  get isCrowded(): boolean {
    // When nothing can be stored no job is taken in, and commands have to hear that.
    return this.#gather.position - this.#stored > crowdBytes && this.failure === null;
  }

  /** Bytes that `commit` would begin to store. */
  get ready(): number {
    return this.#storing === null ? this.#gather.bytes : 0;
  }

  /** Changes that nobody waits for should wait. */
  get isHeldUp(): boolean {
    return this.isCrowded || this.failure !== null;
  }

  /** Number of the segment that is being filled. */
  get openNumber(): number {
    return this.#gather.segment.number;
  }

  /** Why nothing can be written; null: it can. */
  get failure(): Error | null {
    return this.#failure ?? this.#unsynced.failure ?? this.#supply.failure;
  }

  /** Why what was gathered stays unstored for now; null: it is stored as soon as it can be. */
  get stuck(): Error | null {
    return this.#failure;
  }

  refusal(job: JobText): string | null {
    const { failure } = this;
    if (!failure) return null;
    if (failure === this.#supply.failure && this.#room >= jobBytes(job.length) + 1024) return null;
    return `the job was not taken, because it can't be stored: ${failure.message}; push it again when there is room`;
  }

  queued(queue: JobQueue, job: JobText, replaced: number): number {
    return this.#enter(queue, job, Number.NaN, Kind.left, replaced);
  }

  dated(set: SetName, job: JobText, atMs: number, replaced: number): number {
    return this.#enter(set, job, atMs, Kind.left, replaced);
  }

  done(id: number): void {
    this.#end(Kind.done, id);
  }

  failed(id: number, destination: Destination | null): number {
    if (destination) return this.#enter(destination.set, destination.job, destination.atMs, Kind.failed, id);
    this.#end(Kind.failed, id);
    return 0;
  }

  left(id: number): void {
    this.#end(Kind.left, id);
  }

  paused(queue: JobQueue, paused: boolean): void {
    this.#gather.begin(12).paused(queue.journalNumber, paused);
    this.#dirty();
  }

  removed(queue: JobQueue): void {
    for (const id of queue.ids()) this.#end(Kind.left, id);
    this.#gather.begin(endedBytes).removed(queue.journalNumber);
    this.#dirty();
  }

  flushed(): void {
    this.#live.clear();
    this.#gather.begin(endedBytes).ended(Kind.flushed, this.#nextId);
    this.#dirty();
  }

  /** Has what was gathered written, unless a group is under way: once that one is stored, `onDirty` is called again. */
  commit(): void {
    this.#isAnnounced = false;
    if (this.#storing !== null || this.#gather.isEmpty) return;
    this.#storing = this.#store();
  }

  /** Resolves when everything up to now is stored; at once when it is. Rejects when the journal is closed before. */
  settled(): Promise<void> {
    const position = this.position;
    if (position <= this.#stored) return Promise.resolve();
    this.commit();
    return new Promise((resolve, reject) => this.#waiters.push({ position, resolve, reject }));
  }

  /** Syncs what is written, whatever --fsync says. */
  sync(): Promise<void> {
    return this.#unsynced.sync();
  }

  /** Tries again to write what could not be written. */
  retry(): void {
    this.#supply.retry();
    this.#retry?.();
  }

  /** Stores what is left, if it can be stored, and closes the open segment. Nothing may be changed any more. */
  async close(): Promise<void> {
    this.#gather.begin(4).closed();
    this.#isClosed = true;
    this.retry();
    await this.#supply.close();
    this.commit();
    await this.#storing;
    this.commit();
    await this.#storing;
    for (const { reject } of this.#waiters.splice(0)) reject(new Error('the journal was closed before it was stored'));
    await this.sync().catch((error: Error) =>
      this.#say(`the journal could not be synced at the end: ${error.message}`),
    );
    for (const segment of [...this.#full, this.#gather.segment]) await segment.file?.close();
  }

  /** Bytes that one more job can have of what is laid out. */
  get #room(): number {
    const open = this.#gather.segment.file ? this.#gather.left : 0;
    return Math.max(open, this.#supply.room) - reservedBytes;
  }

  #enter(place: JobQueue | SetName, job: JobText, atMs: number, kind: number, replaced: number): number {
    const queue = typeof place === 'string' ? null : place;
    let bytes = jobBytes(job.length) + endedBytes;
    if (queue?.journalNumber === 0) bytes += queueRecordBytes(queue.name);
    const writer = this.#gather.begin(bytes);
    if (queue?.journalNumber === 0) {
      queue.journalNumber = ++this.#queueNumber;
      writer.queue(queue.journalNumber, queue.name, queue.paused);
    }
    if (replaced > 0) {
      writer.ended(kind, replaced);
      this.#live.remove(replaced);
    }
    const id = this.#nextId++;
    writer.job(id, queue ? queue.journalNumber : setNames.indexOf(place as SetName), atMs, job);
    this.#live.add(id);
    this.#dirty();
    return id;
  }

  #end(kind: number, id: number): void {
    this.#gather.begin(endedBytes).ended(kind, id);
    this.#live.remove(id);
    this.#dirty();
  }

  #dirty(): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    this.onDirty();
  }

  #opening(): Omit<Opening, 'previous' | 'previousRecords' | 'previousDurable'> {
    const queues = [];
    for (const queue of this.#state.queues.all()) {
      // One that is just being made known has its own record behind this one.
      if (queue.journalNumber > 0) queues.push({ number: queue.journalNumber, name: queue.name, paused: queue.paused });
    }
    const { processed, failures } = this.#state;
    return { nextId: this.#nextId, queueNumber: this.#queueNumber, processed, failures, queues };
  }

  /** Stores a group, and others behind it while somebody waits for them. */
  async #store(): Promise<void> {
    do {
      const group = this.#gather.take();
      if (!(await this.#writeUntilStored(group))) break;
      this.#stored = group.end;
      for (const part of group.parts) part.segment.durable = part.records;
      this.#gather.release(group);
      this.onStored();
      this.#wakeWaiters(this.#stored);
      if (this.#supply.failure) this.#onShort();
      if (this.#full.length > 0) await this.#closeFull();
    } while (!this.#gather.isEmpty && this.#waiters.length > 0);
    // In the same breath as the look at what is gathered, so that no commit is missed in between.
    this.#storing = null;
    if (!this.#gather.isEmpty && !this.#isClosed) this.#dirty();
  }

  /** False when the journal was closed and it still can't be written. */
  async #writeUntilStored(group: Group): Promise<boolean> {
    for (;;) {
      try {
        await this.#write(group);
        if (this.#failure) this.#say('the journal can be written again; jobs are taken');
        this.#failure = null;
        return true;
      } catch (error) {
        if (!this.#failure) {
          this.#say(`the journal can't be written (${(error as Error).message}); jobs are refused until it can`);
        }
        this.#failure = error as Error;
      }
      if (this.#isClosed) return false;
      await new Promise<void>((resolve) => {
        this.#retry = resolve;
      });
      this.#retry = null;
    }
  }

  async #write({ parts }: Group): Promise<void> {
    for (const { segment, at, writer } of parts) {
      const file = segment.file ?? (await segment.ready).file;
      await file.write(writer.bytes, at);
      segment.written = at + writer.used;
      // With `always` it is on disk now: the supply has opened it so.
      if (this.#fsync !== 'always') this.#unsynced.add(segment);
    }
  }

  /** Closes the files of full segments that are written and, if they are to be, synced. */
  async #closeFull(): Promise<void> {
    const [over, rest]: [OpenSegment[], OpenSegment[]] = [[], []];
    for (const segment of this.#full) {
      const isWritten = segment.durable === segment.records;
      const isOver =
        isWritten && (this.#fsync === 'never' ? this.#unsynced.forget(segment) : !this.#unsynced.isUsing(segment));
      (isOver ? over : rest).push(segment);
    }
    this.#full = rest;
    for (const segment of over) {
      await segment.file?.close().catch((error: Error) => this.#say(`a full segment: ${error.message}`));
    }
  }

  #wakeWaiters(position: number): void {
    const ready = this.#waiters.filter((waiter) => waiter.position <= position);
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => waiter.position > position);
    for (const { resolve } of ready) resolve();
  }
}

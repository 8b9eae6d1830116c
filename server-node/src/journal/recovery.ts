// Finding again what a journal holds. Two passes over its segments, oldest first:
//
//   survey:  which frames count, which jobs ended, what the counts and queues were         (all checksums are computed here)
//   restore: the jobs that did not end, into their queues and sets, in the order of their ids
//
// Invariant: nothing is restored that did not pass its checksum. Files are only read here, but for what stands behind the journal's
// end: it is wiped.

import { JobstormError } from '@jobstorm/protocol';
import { type Block, makeBlock } from '../block.ts';
import { queueOf } from '../job-fields.ts';
import { KeptJob, readJob } from '../job-text.ts';
import type { JobQueue } from '../queue.ts';
import type { State } from '../state.ts';
import type { Disk } from './disk.ts';
import { type Frame, findFrame, frameHeaderBytes, readFrame } from './frame.ts';
import { LiveIds } from './live-ids.ts';
import {
  formatVersion,
  type Heading,
  idAt,
  type JobRecord,
  Kind,
  kindAt,
  makeJobRecord,
  readHeading,
  readJobRecord,
  readPaused,
  readQueue,
  recordEnd,
  setNames,
} from './record.ts';
import { type DeadFile, readName, type SealedSegment } from './segment-file.ts';
import { halfFrame, type Loss, surveySegment, withLostEnd } from './survey.ts';

export interface Recovered {
  segments: SealedSegment[];
  /** Files that hold nothing. */
  unused: DeadFile[];
  live: LiveIds;
  nextId: number;
  queueNumber: number;
  /** Of the segment to come. */
  nextNumber: number;
  /** The last segment, and how many records it has. */
  previous: { number: number; records: number } | null;
  jobs: number;
  losses: Loss[];
  tornBytes: number;
}

interface Segment {
  name: string;
  number: number;
  size: number;
  heading: Heading;
  /** How many of its records count, where that is known. */
  limit: number | null;
  records: number;
  frames: Frame[];
  jobs: number;
}

/** What is read of a segment to see how it begins. */
const headBytes = 64 * 1024;

/** Of a segment whose beginning can't be read. Its first id is that of the first job in it, if there is one. */
function lostHeading(number: number): Heading {
  return { version: formatVersion, through: number, firstId: 0, opened: null, records: null };
}

/** Lets the process do other things between two segments. */
const breathe = () => new Promise(setImmediate);

export class Recovery {
  readonly #disk: Disk;
  readonly #state: State;
  readonly #ended = new LiveIds();
  readonly #live = new LiveIds();
  readonly #queues = new Map<number, { name: string; paused: boolean }>();
  /** Every job below this id is gone. */
  #floor = 0;
  #nextId = 1;
  #queueNumber = 0;
  readonly #losses: Loss[] = [];
  #tornBytes = 0;
  #block: Block = makeBlock(0);

  private constructor(disk: Disk, state: State) {
    this.#disk = disk;
    this.#state = state;
  }

  /**
   * Brings an empty state to where the journal left it.
   * @throws JobstormError EJOURNAL when it was written by a version that this one does not know
   */
  static run(disk: Disk, state: State): Promise<Recovered> {
    return new Recovery(disk, state).#run();
  }

  async #run(): Promise<Recovered> {
    const { segments, unused, highest } = await this.#find();
    for (let i = 0; i < segments.length; i++) {
      const isCut = await this.#survey(segments, i);
      // The journal ends here: what was begun behind it was promised to nobody.
      // The last ones go first, so that what is left ends here again if this process is killed meanwhile.
      if (isCut) unused.push(...segments.splice(i + 1).reverse());
      await breathe();
    }
    const queues = new Map<number, JobQueue>();
    for (const [number, { name, paused }] of this.#queues) {
      const queue = this.#state.queues.obtain(name);
      queue.journalNumber = number;
      this.#state.queues.setPaused(queue, paused);
      queues.set(number, queue);
    }
    let jobs = 0;
    for (const segment of segments) {
      jobs += await this.#restore(segment, queues);
      await breathe();
    }
    const last = segments.at(-1);
    if (last) await this.#wipeTail(last);
    // What a killed process had written, and not synced, counts from now on.
    for (const { name } of segments) await this.#sync(name);
    return {
      segments: segments.map((segment, i) => this.#sealed(segment, segments[i + 1])),
      unused,
      live: this.#live,
      nextId: this.#nextId,
      queueNumber: this.#queueNumber,
      nextNumber: highest + 1,
      previous: last ? { number: last.heading.through, records: last.records } : null,
      jobs,
      losses: this.#losses,
      tornBytes: this.#tornBytes,
    };
  }

  /** The segments that hold something, in order, with how they begin. */
  async #find(): Promise<{ segments: Segment[]; unused: Recovered['unused']; highest: number }> {
    const segments: Segment[] = [];
    const unused: Recovered['unused'] = [];
    /** Laid out and not written, as it seems. One that others follow was written, and is lost: dead segments have no file. */
    const blank: Segment[] = [];
    let highest = 0;
    for (const { name, size, number, isSpare } of await this.#names()) {
      const last = segments.at(-1);
      // Covered: a compaction has put it into an earlier file, and did not get to remove it.
      const isCovered = last !== undefined && number <= last.heading.through;
      const heading = isSpare || isCovered ? null : await this.#head(name, number, size);
      highest = Math.max(highest, number, heading?.through ?? 0);
      const segment = { name, number, size, heading: heading ?? lostHeading(number), records: 0, frames: [], jobs: 0 };
      if (isSpare || isCovered) unused.push({ name, size });
      else if (!heading) blank.push({ ...segment, limit: null });
      else segments.push(...blank.splice(0), { ...segment, limit: heading.records });
    }
    for (const [i, { number, limit, heading }] of segments.entries()) {
      const next = segments[i + 1]?.heading.opened;
      if (limit === null && heading.records === null && next?.previous === number)
        segments[i]!.limit = next.previousRecords;
    }
    unused.push(...blank);
    return { segments, unused, highest };
  }

  async #names(): Promise<{ name: string; size: number; number: number; isSpare: boolean }[]> {
    const files = [];
    for (const file of await this.#disk.list()) {
      const read = readName(file.name);
      if (read) files.push({ ...file, ...read });
      else if (file.name.endsWith('.tmp')) await this.#disk.remove(file.name);
    }
    return files.sort((a, b) => a.number - b.number);
  }

  /** How a segment begins; null when nothing in the file is that segment's. */
  async #head(name: string, number: number, size: number): Promise<Heading | null> {
    const start = await this.#read(name, Math.min(size, headBytes));
    const heading = readFrame(start, 0, number) && readHeading(start, frameHeaderBytes);
    if (heading) {
      if (heading.version === formatVersion) return heading;
      throw new JobstormError(
        'EJOURNAL',
        `${name} is of format ${heading.version}, and this version reads format ${formatVersion}: use the version that wrote it`,
      );
    }
    const whole = await this.#read(name, size);
    const first = readFrame(whole, 0, number) ?? findFrame(whole, 4, number);
    if (!first) return null;
    return (first.start === 0 ? readHeading(whole, frameHeaderBytes) : null) ?? lostHeading(number);
  }

  /** Takes in the `i`th segment; true when the journal ends with it, though there are more. */
  async #survey(segments: readonly Segment[], i: number): Promise<boolean> {
    const segment = segments[i]!;
    const { number, limit, heading } = segment;
    const next = segments[i + 1]?.heading.opened;
    // A rewritten one took its place only once it was on disk.
    const isWhole = heading.records !== null;
    const onDisk = isWhole ? heading.records! : next?.previous === number ? next.previousDurable : 0;
    let block = await this.#read(segment.name, segment.size);
    let survey = surveySegment(block, number, limit, onDisk);
    if (survey.isCut) {
      const isPromised = await this.#isPromisedBehind(segments, i);
      block = await this.#read(segment.name, segment.size);
      if (isPromised) survey = surveySegment(block, number, limit, limit ?? Number.POSITIVE_INFINITY);
    }
    // Nobody says any more how many records this one had, but it was all on disk.
    const isEndLost = survey.tornBytes > 0 && limit === null && (await this.#isPromisedBehind(segments, i));
    if (isEndLost) {
      block = await this.#read(segment.name, segment.size);
      survey = withLostEnd(survey, block, number);
    }
    const { frames, records, losses, tornBytes, isCut } = survey;
    segment.frames = frames;
    segment.records = records;
    this.#losses.push(...losses);
    this.#tornBytes += tornBytes;
    for (const { start, end } of frames) {
      for (let at = start + frameHeaderBytes; at < end; at = recordEnd(block, at)) this.#note(segment, block, at);
    }
    return isCut;
  }

  /** Something behind the `i`th segment was on disk when it was written, so all of that one was, too. */
  async #isPromisedBehind(segments: readonly Segment[], i: number): Promise<boolean> {
    for (const [offset, { name, size, number, heading }] of segments.slice(i + 1).entries()) {
      if (heading.records !== null || (offset > 0 && (heading.opened?.previousDurable ?? 0) > 0)) return true;
      const { frames } = surveySegment(await this.#read(name, size), number, null, 0);
      if (frames.some(({ durable }) => durable > 0)) return true;
    }
    return false;
  }

  /** Takes in what a record says of anything but the job in it. */
  #note(segment: Segment, block: Block, at: number): void {
    const state = this.#state;
    const kind = kindAt(block, at);
    switch (kind) {
      case Kind.queued:
      case Kind.dated: {
        const id = idAt(block, at);
        segment.jobs++;
        if (id >= this.#nextId) this.#nextId = id + 1;
        if (segment.heading.firstId === 0) segment.heading.firstId = id;
        break;
      }
      case Kind.done:
      case Kind.failed:
        state.processed++;
        if (kind === Kind.failed) state.failures++;
        this.#end(idAt(block, at));
        break;
      case Kind.left:
        this.#end(idAt(block, at));
        break;
      case Kind.queue: {
        const { number, name, paused } = readQueue(block, at);
        this.#queues.set(number, { name, paused });
        this.#queueNumber = Math.max(this.#queueNumber, number);
        break;
      }
      case Kind.paused: {
        const { number, paused } = readPaused(block, at);
        const queue = this.#queues.get(number);
        if (queue) queue.paused = paused;
        break;
      }
      case Kind.removed:
        this.#queues.delete(block.words[(at >> 2) + 1]!);
        break;
      case Kind.flushed:
        this.#forget(idAt(block, at));
        break;
      case Kind.opened:
        this.#begin(readHeading(block, at)!);
        break;
      default: // rewritten and closed say nothing here
    }
  }

  /** Its own record may be damaged; its id must not be given to another one all the same, which would seem to have ended. */
  #end(id: number): void {
    this.#ended.add(id);
    if (id >= this.#nextId) this.#nextId = id + 1;
  }

  #forget(floor: number): void {
    this.#floor = Math.max(this.#floor, floor);
    this.#nextId = Math.max(this.#nextId, floor);
    this.#queues.clear();
    this.#state.processed = 0;
    this.#state.failures = 0;
  }

  #begin({ opened }: Heading): void {
    if (!opened) return;
    this.#queues.clear(); // those that there are stand behind this record
    this.#nextId = Math.max(this.#nextId, opened.nextId);
    this.#queueNumber = Math.max(this.#queueNumber, opened.queueNumber);
    this.#state.processed = opened.processed;
    this.#state.failures = opened.failures;
  }

  /** How many jobs of the segment are held again. */
  async #restore({ name, size, frames }: Segment, queues: ReadonlyMap<number, JobQueue>): Promise<number> {
    const block = await this.#read(name, size);
    const record = makeJobRecord();
    let jobs = 0;
    for (const { start, end } of frames) {
      for (let at = start + frameHeaderBytes; at < end; at = recordEnd(block, at)) {
        const kind = kindAt(block, at);
        if (kind !== Kind.queued && kind !== Kind.dated) continue;
        const id = idAt(block, at);
        if (id < this.#floor || this.#ended.has(id) || !this.#live.add(id)) continue;
        this.#hold(block, readJobRecord(block, at, record), queues);
        jobs++;
      }
    }
    return jobs;
  }

  #hold(block: Block, record: JobRecord, queues: ReadonlyMap<number, JobQueue>): void {
    const { id, place, atMs, start, length } = record;
    const text = block.bytes.toString('latin1', start, start + length);
    const job = new KeptJob(text, record);
    if (!Number.isNaN(atMs)) {
      this.#state.sets[setNames[place]!].add(job, atMs, id);
      return;
    }
    // A queue that was removed while the job was reserved is known no more; the job goes where it says.
    const queue = queues.get(place) ?? this.#state.queues.obtain(queueOf(readJob(text)));
    this.#state.queues.append(queue, job, id);
  }

  #sealed({ number, heading, size, records, frames, jobs }: Segment, next: Segment | undefined): SealedSegment {
    const { through } = heading;
    const used = frames.at(-1)?.end ?? 0;
    const endId = Math.max(heading.firstId, next?.heading.firstId || this.#nextId);
    const firstId = heading.firstId || endId;
    const isDamaged = this.#losses.some((loss) => loss.segment === number);
    return { number, through, size, used, records, firstId, endId, jobs, cleanAsOf: through, isDamaged };
  }

  /** Frames behind the journal's end must not be found later, when the segment that says where it ended may be gone. */
  async #wipeTail({ name, number, size, frames }: Segment): Promise<void> {
    const end = frames.at(-1)?.end ?? 0;
    const block = await this.#read(name, size);
    if (!findFrame(block, end, number) && halfFrame(block, end, number) === null) return;
    const file = await this.#disk.open(name);
    try {
      await file.write(Buffer.alloc(Math.max(0, size - end)), end);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #sync(name: string): Promise<void> {
    const file = await this.#disk.open(name);
    await file.sync().finally(() => file.close());
  }

  /** The first `size` bytes of a file, in a block that the next call uses again. */
  async #read(name: string, size: number): Promise<Block> {
    if (this.#block.bytes.length !== ((size + 3) & ~3)) this.#block = makeBlock(size);
    const file = await this.#disk.open(name);
    try {
      const got = await file.read(this.#block.bytes, 0);
      this.#block.bytes.fill(0, got);
    } finally {
      await file.close();
    }
    return this.#block;
  }
}

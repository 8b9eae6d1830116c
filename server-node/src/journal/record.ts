// Records: one change of the server's state each, in 32-bit words. Every job that is held has an id, given in the order in
// which jobs came to where they are; moving on (a retry, a due job) makes a new id and ends the old one in the same frame.
//
//   queued   [kind, id|id|reserve_for|queue|length|jid start|jid length + flag][text, padded]
//   dated    [kind, id|id|reserve_for|set|length|jid start|jid length + flag|at (8 bytes)][text, padded]
//   done, failed, left                       [kind, id|id]      acknowledged; failed or expired; taken away
//   queue    [kind|number|length|paused][name, padded]          known from here on
//   paused   [kind|number|0 or 1]       removed [kind|number]   flushed [kind, id|id]: every job below that id is gone
//   opened   [kind|version|through|previous segment|its records|those on disk|queue number|next id|processed|failures]
//            first in each segment
//   rewritten [kind|version|through|records|first id (8 bytes)] first in a compacted one, in place of `opened`
//   closed   [kind]                                             the server ended in good order
//
// The kind is the low byte of the first word; an id's bits from 32 on stand above it.

import { type Block, makeBlock, putText } from '../block.ts';
import type { JobText } from '../job-text.ts';
import type { SetName } from '../state.ts';
import { frameHeaderBytes, sealFrame } from './frame.ts';

export const formatVersion = 1;

export const Kind = {
  queued: 1,
  dated: 2,
  done: 3,
  failed: 4,
  left: 5,
  queue: 6,
  paused: 7,
  removed: 8,
  flushed: 9,
  opened: 10,
  rewritten: 11,
  closed: 12,
} as const;

/** In the order of their numbers in records. */
export const setNames: readonly SetName[] = ['scheduled', 'retries', 'dead'];

const queuedBytes = 28;
const datedBytes = 36;
export const endedBytes = 8;
const queueBytes = 16;
const openedBytes = 52;
export const rewrittenBytes = 24;
/** Set in the jid's length when it stands in the text with escapes. */
const escapedFlag = 0x8000_0000;
const high = 2 ** 32;

const padded = (bytes: number) => (bytes + 3) & ~3;
export const jobBytes = (textLength: number) => datedBytes + padded(textLength);
export const queueRecordBytes = (name: string) => queueBytes + padded(Buffer.byteLength(name));

/** What a segment begins with: all that is not a job, as it was then. */
export interface Opening {
  /** The segment before this one, and how many records it has; 0 and 0 for the first. */
  previous: number;
  previousRecords: number;
  /** How many of those were on disk. */
  previousDurable: number;
  /** The highest number that a queue ever had. */
  queueNumber: number;
  nextId: number;
  processed: number;
  failures: number;
  queues: readonly { number: number; name: string; paused: boolean }[];
}

/** A job as a record holds it; `start` and `length` are of its text within the block. */
export interface JobRecord {
  id: number;
  /** Number of the queue, or of the set in `setNames`. */
  place: number;
  /** NaN in a queue. */
  atMs: number;
  reserveForS: number;
  start: number;
  length: number;
  jidStart: number;
  jidLength: number;
  jidEscaped: boolean;
}

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);

/** A stretch of frames as it is filled. `used` bytes are written; at most one frame is open, and it is the last. */
export class FrameWriter {
  readonly block: Block;
  used = 0;
  /** Where the open frame starts; -1: none is open. */
  start = -1;
  /** Records in the open frame. */
  count = 0;

  /** @param size in bytes */
  constructor(size: number) {
    this.block = makeBlock(size);
  }

  get free(): number {
    return this.block.bytes.length - this.used;
  }

  get bytes(): Buffer {
    return this.block.bytes.subarray(0, this.used);
  }

  open(): void {
    this.start = this.used;
    this.used += frameHeaderBytes;
    this.count = 0;
  }

  /** Closes the open frame. */
  seal(segment: number, index: number, durable: number): void {
    sealFrame(this.block, { start: this.start, end: this.used, segment, index, count: this.count, durable });
    this.start = -1;
  }

  reset(): void {
    this.used = 0;
    this.start = -1;
    this.count = 0;
  }

  /** @param atMs NaN: it is queued, and `place` is a queue's number; otherwise a set's */
  job(id: number, place: number, atMs: number, job: JobText): void {
    const { words } = this.block;
    const isDated = !Number.isNaN(atMs);
    this.#head(isDated ? Kind.dated : Kind.queued, id);
    const at = this.used >> 2;
    words[at] = job.reserveForS;
    words[at + 1] = place;
    words[at + 2] = job.length;
    words[at + 3] = job.jidStart;
    words[at + 4] = job.jidEscaped ? job.jidLength + escapedFlag : job.jidLength;
    this.used += 20;
    if (isDated) this.#double(atMs);
    job.copyTo(this.block, this.used);
    this.used += padded(job.length);
  }

  /** `kind`: done, failed, left or flushed. */
  ended(kind: number, id: number): void {
    this.#head(kind, id);
  }

  queue(number: number, name: string, paused: boolean): void {
    const text = Buffer.from(name).toString('latin1');
    this.#words(Kind.queue, number, text.length, paused ? 1 : 0);
    // The last word is filled with zeros, so that equal records have equal bytes.
    putText(text, this.block, this.used);
    this.used += padded(text.length);
  }

  paused(number: number, paused: boolean): void {
    this.#words(Kind.paused, number, paused ? 1 : 0);
  }

  removed(number: number): void {
    this.#words(Kind.removed, number);
  }

  /** The segment's own number stands in the frame. */
  opened(number: number, opening: Opening): void {
    const { previous, previousRecords, previousDurable, queueNumber, queues } = opening;
    this.#words(Kind.opened, formatVersion, number, previous, previousRecords, previousDurable, queueNumber);
    this.#double(opening.nextId);
    this.#double(opening.processed);
    this.#double(opening.failures);
    for (const queue of queues) this.queue(queue.number, queue.name, queue.paused);
  }

  /** @param through number of the last segment that this one stands for */
  rewritten(through: number, records: number, firstId: number): void {
    this.#words(Kind.rewritten, formatVersion, through, records);
    this.#double(firstId);
  }

  closed(): void {
    this.#words(Kind.closed);
  }

  /** A record as it stands elsewhere. */
  copy(from: Block, start: number, end: number): void {
    this.used += from.bytes.copy(this.block.bytes, this.used, start, end);
    this.count++;
  }

  #head(kind: number, id: number): void {
    const { words } = this.block;
    const at = this.used >> 2;
    words[at] = kind + Math.floor(id / high) * 256;
    words[at + 1] = id;
    this.used += 8;
    this.count++;
  }

  #words(...values: number[]): void {
    this.block.words.set(values, this.used >> 2);
    this.used += values.length * 4;
    this.count++;
  }

  #double(value: number): void {
    double[0] = value;
    this.block.words.set(doubleWords, this.used >> 2);
    this.used += 8;
  }
}

/** Bytes that `opened` takes, at most. */
export function openingBytes(queues: Opening['queues']): number {
  let bytes = openedBytes;
  for (const { name } of queues) bytes += queueRecordBytes(name);
  return bytes;
}

/** Where the record at `at` (in bytes) ends. */
export function recordEnd({ words }: Block, at: number): number {
  const word = at >> 2;
  switch (words[word]! & 0xff) {
    case Kind.queued:
      return at + queuedBytes + padded(words[word + 4]!);
    case Kind.dated:
      return at + datedBytes + padded(words[word + 4]!);
    case Kind.done:
    case Kind.failed:
    case Kind.left:
    case Kind.flushed:
    case Kind.removed:
      return at + endedBytes;
    case Kind.queue:
      return at + queueBytes + padded(words[word + 2]!);
    case Kind.paused:
      return at + 12;
    case Kind.opened:
      return at + openedBytes;
    case Kind.rewritten:
      return at + rewrittenBytes;
    default:
      return at + 4;
  }
}

export const kindAt = ({ words }: Block, at: number) => words[at >> 2]! & 0xff;

/** The id of a record that has one. */
export const idAt = ({ words }: Block, at: number) => (words[at >> 2]! >>> 8) * high + words[(at >> 2) + 1]!;

/** The job of a `queued` or `dated` record; `into` is filled and returned. */
export function readJobRecord(block: Block, at: number, into: JobRecord): JobRecord {
  const { words } = block;
  const word = at >> 2;
  const isDated = kindAt(block, at) === Kind.dated;
  into.id = idAt(block, at);
  into.reserveForS = words[word + 2]!;
  into.place = words[word + 3]!;
  into.length = words[word + 4]!;
  into.jidStart = words[word + 5]!;
  const jid = words[word + 6]!;
  into.jidEscaped = jid >= escapedFlag;
  into.jidLength = into.jidEscaped ? jid - escapedFlag : jid;
  into.atMs = isDated ? readDouble(block, at + 28) : Number.NaN;
  into.start = at + (isDated ? datedBytes : queuedBytes);
  return into;
}

export const makeJobRecord = (): JobRecord => ({
  id: 0,
  place: 0,
  atMs: 0,
  reserveForS: 0,
  start: 0,
  length: 0,
  jidStart: 0,
  jidLength: 0,
  jidEscaped: false,
});

function readDouble({ words }: Block, at: number): number {
  doubleWords[0] = words[at >> 2]!;
  doubleWords[1] = words[(at >> 2) + 1]!;
  return double[0]!;
}

export function readQueue({ words, bytes }: Block, at: number): { number: number; name: string; paused: boolean } {
  const word = at >> 2;
  const name = bytes.toString('utf8', at + queueBytes, at + queueBytes + words[word + 2]!);
  return { number: words[word + 1]!, name, paused: words[word + 3] === 1 };
}

export function readPaused({ words }: Block, at: number): { number: number; paused: boolean } {
  return { number: words[(at >> 2) + 1]!, paused: words[(at >> 2) + 2] === 1 };
}

/** What a segment's first record says of it. */
export interface Heading {
  version: number;
  /** Number of the last segment that this file stands for. */
  through: number;
  /** Jobs in it have this id or a higher one. */
  firstId: number;
  /** Null: this segment was rewritten. */
  opened: Omit<Opening, 'queues'> | null;
  /** Of a rewritten one, how many records it has; null: nobody can tell from here. */
  records: number | null;
}

/** Null when the record is neither `opened` nor `rewritten`. */
export function readHeading(block: Block, at: number): Heading | null {
  const { words } = block;
  const word = at >> 2;
  const kind = kindAt(block, at);
  if (kind !== Kind.opened && kind !== Kind.rewritten) return null;
  const heading = { version: words[word + 1]!, through: words[word + 2]! };
  if (kind === Kind.rewritten) {
    return { ...heading, firstId: readDouble(block, at + 16), opened: null, records: words[word + 3]! };
  }
  const nextId = readDouble(block, at + 28);
  return {
    ...heading,
    firstId: nextId,
    records: null,
    opened: {
      previous: words[word + 3]!,
      previousRecords: words[word + 4]!,
      previousDurable: words[word + 5]!,
      queueNumber: words[word + 6]!,
      nextId,
      processed: readDouble(block, at + 36),
      failures: readDouble(block, at + 44),
    },
  };
}

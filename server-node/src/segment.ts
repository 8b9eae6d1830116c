// A stretch of a queue as one block of memory: a million queued jobs are a few hundred objects for the garbage collector.
//
//   [length|jid start|jid length + flag|reserve_for|id (2)][text … pad to 4][length|…][text …]   free
//   ▲ 24-byte header                                       ▲ read                                ▲ write
//
// Invariant: read <= write <= size, both multiples of 4; the records between them are the jobs queued here, oldest first.

import { type Block, makeBlock } from './block.ts';
import { cutJid, type JobText } from './job-text.ts';

const headerBytes = 24;
const high = 2 ** 32;
/** Set in the third header word when the jid stands in the text with escapes. */
const escapedFlag = 0x8000_0000;

/** A job that left its queue. Both texts are byte text and flat. */
export interface TakenJob {
  jid: string;
  text: string;
  reserveForS: number;
  /** Its name in the journal; 0 without one. */
  id: number;
}

export class Segment {
  readonly size: number;
  readonly #block: Block;
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;
  #read = 0;
  #write = 0;

  /** @param size in bytes, rounded up to a multiple of 4 */
  constructor(size: number) {
    this.#block = makeBlock(size);
    this.#bytes = this.#block.bytes;
    this.#words = this.#block.words;
    this.size = this.#bytes.length;
  }

  /** What a job takes up here, in bytes. */
  static need(job: JobText): number {
    return headerBytes + ((job.length + 3) & ~3);
  }

  get isEmpty(): boolean {
    return this.#read === this.#write;
  }

  /** Adds a job at the end; false when there is no room for it. */
  append(job: JobText, id = 0): boolean {
    if (this.#read === this.#write) {
      this.#read = 0;
      this.#write = 0;
    }
    const end = this.#write + headerBytes + ((job.length + 3) & ~3);
    if (end > this.size) return false;
    const words = this.#words;
    const word = this.#write >> 2;
    words[word] = job.length;
    words[word + 1] = job.jidStart;
    words[word + 2] = job.jidEscaped ? job.jidLength + escapedFlag : job.jidLength;
    words[word + 3] = job.reserveForS;
    words[word + 4] = id;
    words[word + 5] = id / high;
    job.copyTo(this.#block, this.#write + headerBytes);
    this.#write = end;
    return true;
  }

  /** Takes the oldest job out. The segment must not be empty. */
  take(): TakenJob {
    const words = this.#words;
    const word = this.#read >> 2;
    const length = words[word]!;
    const start = this.#read + headerBytes;
    this.#read = start + ((length + 3) & ~3);
    const text = this.#bytes.toString('latin1', start, start + length);
    const jidWord = words[word + 2]!;
    return {
      jid: cutJid(text, words[word + 1]!, jidWord & ~escapedFlag, jidWord >= escapedFlag),
      text,
      reserveForS: words[word + 3]!,
      id: words[word + 4]! + words[word + 5]! * high,
    };
  }

  /** The ids of its jobs, oldest first. */
  *ids(): Generator<number> {
    const words = this.#words;
    for (let at = this.#read; at < this.#write; at += headerBytes + ((words[at >> 2]! + 3) & ~3)) {
      yield words[(at >> 2) + 4]! + words[(at >> 2) + 5]! * high;
    }
  }

  /** The texts of its jobs, oldest first; they stay. */
  *texts(): Generator<string> {
    for (let at = this.#read; at < this.#write; ) {
      const start = at + headerBytes;
      const length = this.#words[at >> 2]!;
      yield this.#bytes.toString('latin1', start, start + length);
      at = start + ((length + 3) & ~3);
    }
  }

  /** The oldest job's text; it stays. The segment must not be empty. */
  peek(): string {
    const start = this.#read + headerBytes;
    return this.#bytes.toString('latin1', start, start + this.#words[this.#read >> 2]!);
  }
}

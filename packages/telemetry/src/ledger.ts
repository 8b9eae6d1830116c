// Which sequence numbers of a run are done: a bitmap in pages of 4,096 numbers, made when first hit.
// Invariant: `count` is the number of bits set. Bits are never cleared, so a page sent later contains the same page sent
// earlier, and the union of pages in any order, any number of times, is what was done.
//
// Sequence numbers come from jobs that anybody may have pushed: what is not a whole number of 0 … 2^31-1, or would take more
// than MAX_PAGES pages, is counted as `unexpected` and takes no memory.

import { Buffer } from 'node:buffer';

const PAGE_BITS = 12;
const PAGE_BYTES = 512;
/** Of its base64. */
const PAGE_CHARS = 684;
/** Sequence numbers in a page. */
export const LEDGER_PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_INDEX_LIMIT = 2 ** (31 - PAGE_BITS);
/** 32 MiB of bits: 268 million jobs in one run. */
const MAX_PAGES = 65_536;

/** Part of a ledger between processes: `bits` is base64 of 512 bytes, bit i of byte b is number page*4096 + b*8 + i. */
export interface LedgerPage {
  page: number;
  bits: string;
}

/** Sequence numbers from … to, both included. */
export interface SeqRange {
  from: number;
  to: number;
}

interface Page {
  index: number;
  bits: Uint8Array;
  /** The same memory, for merging. */
  words: Uint32Array;
  /** Has bits that `changedPages` has not given out. */
  changed: boolean;
}

/** Where a page from another process is decoded to, so that merging one allocates nothing. */
const scratch = createPage(-1);
const scratchBuffer = Buffer.from(scratch.bits.buffer);
const NO_PAGE = createPage(-1);

function createPage(index: number): Page {
  const bits = new Uint8Array(PAGE_BYTES);
  return { index, bits, words: new Uint32Array(bits.buffer), changed: false };
}

const popcountOfByte = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) bits++;
  return bits;
});

export class Ledger {
  #pages = new Map<number, Page>();
  /** The page hit last: numbers come nearly in order, so it is nearly always the next one too. */
  #last = NO_PAGE;
  #changed: Page[] = [];
  #count = 0;
  #duplicated = 0;
  #unexpected = 0;

  /** Different sequence numbers marked. */
  get count(): number {
    return this.#count;
  }

  /** Marks of a number that was marked before. */
  get duplicated(): number {
    return this.#duplicated;
  }

  /** Marks of what can't be a sequence number; none of them is remembered. */
  get unexpected(): number {
    return this.#unexpected;
  }

  /** True when it is the first time. Safe with anything that a job may hold: a number out of range, a fraction, text. */
  mark(seq: number): boolean {
    if ((seq | 0) !== seq || seq < 0) {
      this.#unexpected++;
      return false;
    }
    const index = seq >>> PAGE_BITS;
    const page = this.#last.index === index ? this.#last : this.#pageAt(index);
    if (page === null) {
      this.#unexpected++;
      return false;
    }
    const at = (seq >>> 3) & (PAGE_BYTES - 1);
    const bit = 1 << (seq & 7);
    const byte = page.bits[at]!;
    if ((byte & bit) !== 0) {
      this.#duplicated++;
      return false;
    }
    page.bits[at] = byte | bit;
    this.#count++;
    if (!page.changed) this.#touch(page);
    return true;
  }

  #touch(page: Page): void {
    page.changed = true;
    this.#changed.push(page);
  }

  #pageAt(index: number): Page | null {
    let page = this.#pages.get(index);
    if (page === undefined) {
      if (this.#pages.size >= MAX_PAGES) return null;
      page = createPage(index);
      this.#pages.set(index, page);
    }
    this.#last = page;
    return page;
  }

  has(seq: number): boolean {
    if ((seq | 0) !== seq || seq < 0) return false;
    const byte = this.#pages.get(seq >>> PAGE_BITS)?.bits[(seq >>> 3) & (PAGE_BYTES - 1)] ?? 0;
    return (byte & (1 << (seq & 7))) !== 0;
  }

  /** Pages with marks since the last call of this or of `allPages`. */
  changedPages(): LedgerPage[] {
    const pages = this.#changed.map(encodePage);
    this.#forgetChanges();
    return pages;
  }

  /** Every page, for a receiver that knows nothing yet. */
  allPages(): LedgerPage[] {
    this.#forgetChanges();
    return [...this.#pages.values()].map(encodePage);
  }

  #forgetChanges(): void {
    for (const page of this.#changed) page.changed = false;
    this.#changed = [];
  }

  /** Adds the marks of a page; marks that both have are no duplicates. Returns how many were new here.
   * @throws RangeError when it can't be a page */
  mergePage(data: LedgerPage): number {
    checkLedgerPage(data);
    return this.#mergeWords(data.page, scratch.words);
  }

  /** Adds the marks of another ledger. Returns how many were new here; its other marks are those that both have. */
  merge(other: Ledger): number {
    let added = 0;
    for (const { index, words } of other.#pages.values()) added += this.#mergeWords(index, words);
    return added;
  }

  #mergeWords(index: number, words: Uint32Array): number {
    const page = this.#pageAt(index);
    if (page === null) throw new RangeError(`a ledger takes ${MAX_PAGES} pages at most`);
    let added = 0;
    for (let i = 0; i < words.length; i++) {
      const fresh = words[i]! & ~page.words[i]!;
      if (fresh === 0) continue;
      page.words[i]! |= fresh;
      added += popcount(fresh);
    }
    this.#count += added;
    if (added > 0 && !page.changed) this.#touch(page);
    return added;
  }

  /** Marked numbers of `total` or more: jobs that are not the run's. */
  countFrom(total: number): number {
    let count = 0;
    for (const { index, bits } of this.#pages.values()) {
      const first = index * LEDGER_PAGE_SIZE;
      if (first + LEDGER_PAGE_SIZE <= total) continue;
      for (let i = 0; i < PAGE_BYTES; i++) {
        const hidden = Math.min(Math.max(total - first - i * 8, 0), 8);
        count += popcountOfByte[(bits[i]! >> hidden) << hidden]!;
      }
    }
    return count;
  }

  /** The numbers below `total` that are not marked, ascending; at most `limit` ranges. */
  missing(total: number, limit = 1000): SeqRange[] {
    const ranges: SeqRange[] = [];
    let from = -1;
    let seq = 0;
    while (seq < total && ranges.length < limit) {
      const page = this.#pages.get(seq >>> PAGE_BITS);
      const byte = page?.bits[(seq >>> 3) & (PAGE_BYTES - 1)] ?? 0;
      // Whole pages and bytes are passed in one step, so a run of millions is read in a moment.
      const step = page === undefined ? LEDGER_PAGE_SIZE : (seq & 7) === 0 && (byte === 0 || byte === 255) ? 8 : 1;
      const marked = (byte & (1 << (seq & 7))) !== 0;
      if (!marked && from < 0) from = seq;
      if (marked && from >= 0) {
        ranges.push({ from, to: seq - 1 });
        from = -1;
      }
      seq += step;
    }
    if (from >= 0 && ranges.length < limit) ranges.push({ from, to: total - 1 });
    return ranges;
  }
}

function popcount(word: number): number {
  return (
    popcountOfByte[word & 255]! +
    popcountOfByte[(word >>> 8) & 255]! +
    popcountOfByte[(word >>> 16) & 255]! +
    popcountOfByte[word >>> 24]!
  );
}

function encodePage({ index, bits }: Page): LedgerPage {
  return { page: index, bits: Buffer.from(bits.buffer, bits.byteOffset, bits.length).toString('base64') };
}

/** Checks a page from another process.
 * @throws RangeError when it can't be a page */
export function checkLedgerPage({ page, bits }: LedgerPage): void {
  if (!Number.isInteger(page) || page < 0 || page >= PAGE_INDEX_LIMIT) throw new RangeError(`ledger page ${page}`);
  // Decoding stops at the first `=`, so text behind it would pass unseen.
  const bytes = bits.length === PAGE_CHARS ? scratchBuffer.write(bits, 'base64') : 0;
  if (bytes !== PAGE_BYTES) {
    throw new RangeError(`ledger page ${page} of ${bits.length} characters, expected base64 of ${PAGE_BYTES} bytes`);
  }
}

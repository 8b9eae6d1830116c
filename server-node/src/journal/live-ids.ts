// Which jobs of the journal are still held, by id: a bit each. Ids only grow, so the pages of old ones run empty and are dropped.
// Invariant: a page that is missing has no bit set.

const idsPerPage = 65_536;
const wordsPerPage = idsPerPage / 32;

/** Bits set in a word. */
function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

export class LiveIds {
  readonly #pages = new Map<number, Uint32Array>();
  /** The page used last, since neighbours come together. */
  #page: Uint32Array | undefined;
  #pageNumber = -1;

  /** False when it was there already. */
  add(id: number): boolean {
    let page = this.#find(id);
    if (!page) {
      page = new Uint32Array(wordsPerPage);
      this.#pages.set(this.#pageNumber, page);
      this.#page = page;
    }
    const word = (id & 0xffff) >>> 5;
    const bit = 1 << (id & 31);
    if ((page[word]! & bit) !== 0) return false;
    page[word]! |= bit;
    return true;
  }

  /** Taking out what is not there does nothing. */
  remove(id: number): void {
    const page = this.#find(id);
    if (page) page[(id & 0xffff) >>> 5]! &= ~(1 << (id & 31));
  }

  has(id: number): boolean {
    const page = this.#find(id);
    return page !== undefined && (page[(id & 0xffff) >>> 5]! & (1 << (id & 31))) !== 0;
  }

  /** How many of the ids from `first` to before `end` are there. */
  count(first: number, end: number): number {
    let count = 0;
    for (const [number, page] of this.#pages) {
      const start = number * idsPerPage;
      const from = Math.max(first - start, 0);
      const to = Math.min(end - start, idsPerPage);
      for (let at = from; at < to; ) {
        if ((at & 31) === 0 && at + 32 <= to) {
          count += bitCount(page[at >>> 5]!);
          at += 32;
        } else {
          count += (page[at >>> 5]! >>> (at & 31)) & 1;
          at++;
        }
      }
    }
    return count;
  }

  clear(): void {
    this.#pages.clear();
    this.#forgetPage();
  }

  /** Drops pages without a bit whose ids are all below `end`. */
  shrink(end: number): void {
    for (const [number, page] of this.#pages) {
      if ((number + 1) * idsPerPage <= end && page.every((word) => word === 0)) this.#pages.delete(number);
    }
    this.#forgetPage();
  }

  #forgetPage(): void {
    this.#page = undefined;
    this.#pageNumber = -1;
  }

  #find(id: number): Uint32Array | undefined {
    const number = Math.floor(id / idsPerPage);
    if (number !== this.#pageNumber) {
      this.#pageNumber = number;
      this.#page = this.#pages.get(number);
    }
    return this.#page;
  }
}

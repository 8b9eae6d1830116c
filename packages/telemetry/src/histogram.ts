// A histogram of microseconds with three significant digits, in the log-linear layout of HdrHistogram: values below 2,048 have
// a bucket each, every doubling above that has 1,024 buckets, so a bucket is never wider than 1/1,024 of its values.
//
//   value   0 … 2047 | 2048 … 4095 | 4096 … 8191 | …      index = (shift << 10) + (value >> shift)
//   shift       0    |      1      |      2      | … 31
//
// Counts lie in pages of 256 buckets (2 KiB) that are made when first hit: a worker's phase touches a few dozen of them at most.
// Counts are float64, exact up to 2^53: a whole number of 32 bits would wrap in a day's soak.

const PAGE_BITS = 8;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;
const MAX_SHIFT = 31;
const BUCKETS = (MAX_SHIFT << 10) + 2048;
const PAGES = BUCKETS >> PAGE_BITS;
/** In place of a page that was not looked up yet. */
const NO_PAGE = new Float64Array(0);
/** The largest value told apart, in microseconds (50 days); larger ones count as this. */
const LIMIT_US = 2 ** 42 - 1;

/** What a histogram is between processes: only buckets that are not empty, as index, count, index, count … ascending. */
export interface HistogramData {
  /** Only those buckets that differ from what the receiver was told before, with all that they hold now. */
  changes?: true;
  count: number;
  /** Of the values recorded, in microseconds. */
  sum: number;
  /** Exact, in microseconds; 0 when nothing was recorded. */
  max: number;
  buckets: number[];
}

function bucketOf(us: number): number {
  if (us < 0x1_0000_0000) {
    const shift = 21 - Math.clz32(us);
    return shift <= 0 ? us : (shift << 10) + (us >>> shift);
  }
  const shift = 53 - Math.clz32(us / 0x1_0000_0000);
  return (shift << 10) + Math.floor(us / 2 ** shift);
}

/** The largest whole value that falls into a bucket. */
function highestOf(index: number): number {
  const shift = Math.max(0, (index >> 10) - 1);
  return (index - (shift << 10) + 1) * 2 ** shift - 1;
}

/** The smallest whole value that falls into a bucket. */
function lowestOf(index: number): number {
  const shift = Math.max(0, (index >> 10) - 1);
  return (index - (shift << 10)) * 2 ** shift;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export class Histogram {
  #pages: (Float64Array | null)[] = new Array<Float64Array | null>(PAGES).fill(null);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** Values recorded. */
  get count(): number {
    return this.#count;
  }

  /** Largest value recorded, exact, in microseconds; 0 when empty. */
  get max(): number {
    return this.#max;
  }

  /** Of the values in microseconds, exact; 0 when empty. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Records one value in microseconds, fractions cut off. Negative ones and NaN count as 0. No allocation once its page exists. */
  record(us: number): void {
    const value = us > 0 ? (us < 0x8000_0000 ? us | 0 : Math.floor(Math.min(us, LIMIT_US))) : 0;
    const index = bucketOf(value);
    const page = this.#pages[index >> PAGE_BITS] ?? this.#addPage(index >> PAGE_BITS);
    page[index & PAGE_MASK]!++;
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  #addPage(at: number): Float64Array {
    const page = new Float64Array(PAGE_SIZE);
    this.#pages[at] = page;
    return page;
  }

  /** Adds all that the other recorded. Merged histograms answer as one that recorded everything would. */
  merge(other: Histogram): void {
    for (let at = 0; at < PAGES; at++) {
      const from = other.#pages[at];
      if (!from) continue;
      const to = this.#pages[at] ?? this.#addPage(at);
      for (let i = 0; i < PAGE_SIZE; i++) to[i]! += from[i]!;
    }
    this.#count += other.#count;
    this.#sum += other.#sum;
    if (other.#max > this.#max) this.#max = other.#max;
  }

  /** Adds what another process recorded; leaves this one as it was if the data can't be a histogram's.
   * @throws RangeError */
  mergeData(data: HistogramData): void {
    checkHistogramData(data);
    if (data.changes) throw new RangeError('changes of a histogram are not all of it');
    const { buckets } = data;
    for (let i = 0; i < buckets.length; i += 2) {
      const index = buckets[i]!;
      const page = this.#pages[index >> PAGE_BITS] ?? this.#addPage(index >> PAGE_BITS);
      page[index & PAGE_MASK]! += buckets[i + 1]!;
    }
    this.#count += data.count;
    this.#sum += data.sum;
    if (data.max > this.#max) this.#max = data.max;
  }

  /**
   * Takes a later state of what this histogram holds, or what changed in it, and adds to `total`, the sum over several such histograms, what
   * is new: no more work than the data has buckets, however many histograms are in the sum. Any other state is taken too, with more
   * work. The data must have passed `checkHistogramData`.
   * @throws RangeError when changes don't lead to the state that they are said to: something before them was lost, and both lack it
   */
  advance(data: HistogramData, total: Histogram): void {
    const { count, sum, max, buckets } = data;
    const { length } = buckets;
    let added = 0;
    let at = -1;
    let own: Float64Array = NO_PAGE;
    let sums: Float64Array = NO_PAGE;
    for (let i = 0; i < length; i += 2) {
      const index = buckets[i]!;
      const slot = index & PAGE_MASK;
      if (index >> PAGE_BITS !== at) {
        at = index >> PAGE_BITS;
        own = this.#pages[at] ?? this.#addPage(at);
        sums = total.#pages[at] ?? total.#addPage(at);
      }
      const inBucket = buckets[i + 1]!;
      const delta = inBucket - own[slot]!;
      if (delta === 0) continue;
      own[slot] = inBucket;
      sums[slot]! += delta;
      added += delta;
    }
    total.#count += added;
    this.#count += added;
    total.#sum += sum - this.#sum;
    this.#sum = sum;
    this.#max = max;
    if (max > total.#max) total.#max = max;
    if (this.#count === count) return;
    if (data.changes) throw new RangeError(`histogram of ${count} values comes to ${this.#count} by its changes`);
    this.#dropOthers(buckets, total);
  }

  /** Takes out what is not in the buckets, here and in the sum. */
  #dropOthers(buckets: readonly number[], total: Histogram): void {
    const stay = new Set<number>();
    for (let i = 0; i < buckets.length; i += 2) stay.add(buckets[i]!);
    for (let index = 0; index < BUCKETS; index++) {
      const page = this.#pages[index >> PAGE_BITS];
      const held = page?.[index & PAGE_MASK] ?? 0;
      if (!page || held === 0 || stay.has(index)) continue;
      page[index & PAGE_MASK] = 0;
      total.#pages[index >> PAGE_BITS]![index & PAGE_MASK]! -= held;
      this.#count -= held;
      total.#count -= held;
    }
  }

  /** What was recorded here and not yet in `earlier`, a former state of the same histogram. Its `max` is the highest value of its
   * last bucket, unless it is this one's. */
  since(earlier: Histogram): Histogram {
    const rest = new Histogram();
    for (let at = 0; at < PAGES; at++) {
      const page = this.#pages[at];
      if (!page) continue;
      const before = earlier.#pages[at];
      for (let i = 0; i < PAGE_SIZE; i++) {
        const count = page[i]! - (before?.[i] ?? 0);
        if (count <= 0) continue;
        (rest.#pages[at] ?? rest.#addPage(at))[i] = count;
        rest.#count += count;
        rest.#max = Math.min(highestOf(at * PAGE_SIZE + i), this.#max);
      }
    }
    rest.#sum = Math.max(0, this.#sum - earlier.#sum);
    return rest;
  }

  /** The value that `p` percent (0 … 100) of the values do not exceed, in microseconds: the highest of its bucket, so at most
   * 1/1,024 too high, and never above `max`. 0 when empty: look at `count` first. */
  percentile(p: number): number {
    if (this.#count === 0) return 0;
    // A product such as 0.999 * 1000 may come out a hair above the whole number meant, which would be one rank too many.
    const wanted = Math.max(1, Math.ceil((Math.min(Math.max(p, 0), 100) / 100) * this.#count - 1e-9 * this.#count));
    let seen = 0;
    for (let at = 0; at < PAGES; at++) {
      const page = this.#pages[at];
      if (!page) continue;
      for (let i = 0; i < PAGE_SIZE; i++) {
        seen += page[i]!;
        if (seen >= wanted) return Math.min(highestOf(at * PAGE_SIZE + i), this.#max);
      }
    }
    return this.#max;
  }

  /** How many of the values do not exceed `us`; those of the bucket that it falls into count. */
  countUpTo(us: number): number {
    if (us >= this.#max) return this.#count;
    const last = bucketOf(Math.max(0, Math.floor(us)));
    let count = 0;
    for (let at = 0; at <= last >> PAGE_BITS; at++) {
      const page = this.#pages[at];
      if (!page) continue;
      const end = at === last >> PAGE_BITS ? last & PAGE_MASK : PAGE_MASK;
      for (let i = 0; i <= end; i++) count += page[i]!;
    }
    return count;
  }

  /** The buckets that hold something, ascending: the values that fall into each, both ends included, in microseconds. */
  *buckets(): Generator<{ lowestUs: number; highestUs: number; count: number }> {
    for (let at = 0; at < PAGES; at++) {
      const page = this.#pages[at];
      if (!page) continue;
      for (let i = 0; i < PAGE_SIZE; i++) {
        const count = page[i]!;
        const index = at * PAGE_SIZE + i;
        if (count > 0) yield { lowestUs: lowestOf(index), highestUs: highestOf(index), count };
      }
    }
  }

  /** Back to nothing recorded; keeps its pages. */
  clear(): void {
    for (const page of this.#pages) page?.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }

  toJSON(): HistogramData {
    const buckets: number[] = [];
    for (let at = 0; at < PAGES; at++) {
      const page = this.#pages[at];
      if (!page) continue;
      for (let i = 0; i < PAGE_SIZE; i++) {
        const count = page[i]!;
        if (count > 0) buckets.push(at * PAGE_SIZE + i, count);
      }
    }
    return { count: this.#count, sum: this.#sum, max: this.#max, buckets };
  }

  /** What differs from `told`, a former state of this histogram, which is brought up to this one. */
  changesSince(told: Histogram): HistogramData {
    const buckets: number[] = [];
    for (let at = 0; at < PAGES; at++) {
      const page = this.#pages[at];
      if (!page) continue;
      const before = told.#pages[at] ?? told.#addPage(at);
      for (let i = 0; i < PAGE_SIZE; i++) {
        const count = page[i]!;
        if (count === before[i]) continue;
        before[i] = count;
        buckets.push(at * PAGE_SIZE + i, count);
      }
    }
    told.#count = this.#count;
    told.#sum = this.#sum;
    told.#max = this.#max;
    return { changes: true, count: this.#count, sum: this.#sum, max: this.#max, buckets };
  }

  /** @throws RangeError when the data can't be a histogram's, or is no more than changes */
  static fromJSON(data: HistogramData): Histogram {
    const histogram = new Histogram();
    histogram.mergeData(data);
    return histogram;
  }
}

/** Checks data from another process: indices ascending and in range, counts whole and positive, their sum right.
 * @throws RangeError */
export function checkHistogramData(data: HistogramData): void {
  const { count, sum, max, buckets } = data;
  let total = 0;
  let last = -1;
  for (let i = 0; i < buckets.length; i += 2) {
    const index = buckets[i]!;
    const inBucket = buckets[i + 1];
    if (!isCount(index) || index <= last || index >= BUCKETS)
      throw new RangeError(`histogram bucket ${index} after ${last}`);
    if (!isCount(inBucket) || inBucket === 0) throw new RangeError(`histogram bucket ${index} holds ${inBucket}`);
    total += inBucket;
    last = index;
  }
  const fits = data.changes ? total <= count : total === count;
  if (!isCount(count) || !fits) throw new RangeError(`histogram of ${count} values holds ${total}`);
  const top = isCount(max) && max <= LIMIT_US ? bucketOf(max) : -1;
  if (top < 0 || (data.changes ? top < last : top !== Math.max(last, 0)))
    throw new RangeError(`histogram maximum ${max}`);
  if (!(Number.isFinite(sum) && sum >= 0)) throw new RangeError(`histogram sum ${sum}`);
}

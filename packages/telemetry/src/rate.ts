// Completions over time: a count for every 100 ms of epoch time. Memory and messages are bounded: when a run outgrows
// MAX_BUCKETS, neighbours are joined and the buckets are twice as long (100 ms up to 6 minutes, 800 ms for 54 minutes).
// Invariant: bucket i of width w covers epoch milliseconds [i*w, (i+1)*w) everywhere, so series of different parts add up.

import type { RateSeries } from './snapshot.ts';

/** Width of a bucket while a run is short, in milliseconds. */
export const RATE_BUCKET_MS = 100;
/** Buckets in a series at most. */
export const RATE_MAX_BUCKETS = 4096;

export class RateCounter {
  #bucketMs = RATE_BUCKET_MS;
  /** Epoch number of counts[0]; counts[0 … #length) are in use. */
  #first = 0;
  #length = 0;
  #counts = new Float64Array(64);

  /** Counts `n` completions at that epoch time in microseconds; times that are no time are left out. */
  add(epochUs: number, n = 1): void {
    const at = Math.floor(epochUs / (this.#bucketMs * 1000)) - this.#first;
    if (at >= 0 && at < this.#length) this.#counts[at]! += n;
    else if (epochUs >= 0 && Number.isSafeInteger(Math.floor(epochUs))) this.#addOutside(epochUs, n);
  }

  #addOutside(epochUs: number, n: number): void {
    let bucket = Math.floor(epochUs / (this.#bucketMs * 1000));
    if (this.#length === 0) this.#first = bucket;
    while (Math.max(bucket, this.#first + this.#length - 1) - Math.min(bucket, this.#first) >= RATE_MAX_BUCKETS) {
      this.#coarsen();
      bucket = Math.floor(bucket / 2);
    }
    const first = Math.min(bucket, this.#first);
    const length = Math.max(bucket + 1, this.#first + this.#length) - first;
    if (first < this.#first || length > this.#counts.length) {
      const room = new Float64Array(Math.min(RATE_MAX_BUCKETS, Math.max(length, this.#counts.length * 2)));
      room.set(this.#counts.subarray(0, this.#length), this.#first - first);
      this.#counts = room;
    }
    this.#first = first;
    this.#length = length;
    this.#counts[bucket - first]! += n;
  }

  #coarsen(): void {
    const first = Math.floor(this.#first / 2);
    const last = Math.floor((this.#first + Math.max(this.#length, 1) - 1) / 2);
    const joined = new Float64Array(this.#counts.length);
    for (let i = 0; i < this.#length; i++) joined[Math.floor((this.#first + i) / 2) - first]! += this.#counts[i]!;
    this.#counts = joined;
    this.#bucketMs *= 2;
    this.#first = first;
    this.#length = this.#length === 0 ? 0 : last - first + 1;
  }

  /** Adds a series of another part; widths may differ. @throws RangeError when it can't be a series */
  merge(series: RateSeries): void {
    checkRateSeries(series);
    while (this.#bucketMs < series.bucketMs) this.#coarsen();
    series.counts.forEach((count, i) => {
      if (count > 0) this.add((series.firstBucket + i) * series.bucketMs * 1000, count);
    });
  }

  toJSON(): RateSeries {
    return {
      bucketMs: this.#bucketMs,
      firstBucket: this.#first,
      counts: Array.from(this.#counts.subarray(0, this.#length)),
    };
  }
}

/** The sum of several parts' series. @throws RangeError when one can't be a series */
export function mergeRateSeries(all: Iterable<RateSeries>): RateSeries {
  const sum = new RateCounter();
  for (const series of all) sum.merge(series);
  return sum.toJSON();
}

/** Checks a series from another process. @throws RangeError */
export function checkRateSeries({ bucketMs, firstBucket, counts }: RateSeries): void {
  const doublings = Math.log2(bucketMs / RATE_BUCKET_MS);
  if (!Number.isInteger(doublings) || doublings < 0 || doublings > 30)
    throw new RangeError(`series of ${bucketMs} ms buckets`);
  if (
    !Number.isInteger(firstBucket) ||
    firstBucket < 0 ||
    !Number.isSafeInteger((firstBucket + counts.length) * bucketMs * 1000)
  ) {
    throw new RangeError(`series from bucket ${firstBucket}`);
  }
  if (counts.length > RATE_MAX_BUCKETS) throw new RangeError(`series of ${counts.length} buckets`);
  for (const count of counts)
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`series count ${count}`);
}

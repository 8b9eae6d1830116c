// So many a second, evenly. Pure: it is told the time.
//
//   rate ──drips──▶ [ up to a tenth of a second's worth, at least 1 ] ──take──▶
//
// Invariant: over any stretch of t seconds no more than rate * t + capacity are taken, but for those taken with `force`.

/** How much may be saved up, in seconds of the rate: a limit is to be even rather than to catch up. */
const savedS = 0.1;

export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #atMs: number;

  constructor(perS: number, nowMs: number) {
    this.#perMs = perS / 1000;
    this.#capacity = Math.max(1, perS * savedS);
    this.#tokens = this.#capacity;
    this.#atMs = nowMs;
  }

  /** Whole tokens there are now; below 0 after a `force`. */
  available(nowMs: number): number {
    this.#drip(nowMs);
    // Sums of fractions may come out a hair below the whole number meant.
    return Math.floor(this.#tokens + 1e-9);
  }

  /** False: there is none. */
  take(nowMs: number): boolean {
    if (this.available(nowMs) < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Takes one whether there is one or not; the next ones come later for it. */
  force(nowMs: number): void {
    this.#drip(nowMs);
    this.#tokens--;
  }

  /** Until there are `count` of them, in milliseconds; 0: there are; infinite: so many are never saved up. */
  waitMs(nowMs: number, count = 1): number {
    if (count > this.#capacity + 1e-9) return Number.POSITIVE_INFINITY;
    return this.available(nowMs) >= count ? 0 : (count - this.#tokens) / this.#perMs;
  }

  #drip(nowMs: number): void {
    // Who asks as of when a job came asks for the past.
    if (nowMs <= this.#atMs) return;
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
  }
}

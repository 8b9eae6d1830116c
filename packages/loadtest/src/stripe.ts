// One generator's share of a run: of the sequence numbers, cut into blocks, every `of`th block from the `index`th on.
//
//   of 3, block 2:   0 1 | 2 3 | 4 5 | 6 7 | 8 …        index 0 has 0 1 6 7 …, index 1 has 2 3 8 …, index 2 has 4 5 …
//
// Invariant: the stripes 0 … of-1 have every number once, whatever their block, and each counts its own from 0 on without gaps.

export interface Stripe {
  index: number;
  of: number;
  /** Numbers that stay together, so that they can go in one request. */
  block: number;
}

export const wholeStripe: Stripe = { index: 0, of: 1, block: Number.MAX_SAFE_INTEGER };

/** How many numbers below `end` are the stripe's. */
export function ownBelow({ index, of, block }: Stripe, end: number): number {
  if (of === 1 || !Number.isFinite(end)) return end;
  const round = of * block;
  const whole = Math.floor(end / round);
  return whole * block + Math.min(block, Math.max(0, end - whole * round - index * block));
}

/** The sequence number of the stripe's own number `nth`. */
export function seqOf({ index, of, block }: Stripe, nth: number): number {
  if (of === 1) return nth;
  return (Math.floor(nth / block) * of + index) * block + (nth % block);
}

/** How many numbers from the stripe's own number `nth` on follow each other without a gap. */
export function togetherFrom({ of, block }: Stripe, nth: number): number {
  return of === 1 ? Number.POSITIVE_INFINITY : block - (nth % block);
}

// Chance that can be repeated: a number between 0 and 1 that follows from the run's seed, the job's number, and what it is thrown for.
// Invariant: the same three give the same throw in every process, so that generators that share a run need not talk to each other.

/** What a throw decides: each gets throws of its own. */
export const purposes = { kind: 1, service: 2, bytes: 3, fail: 4, delay: 5, queue: 6 } as const;
export type Purpose = keyof typeof purposes;

/** The finishing step of MurmurHash3: every bit of the 32 changes about half of the others. */
function mixed(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
  return x ^ (x >>> 16);
}

/** 0 < x < 1. `seed` and `seq` are whole numbers. */
export function dice(seed: number, seq: number, purpose: Purpose): number {
  const bits = mixed(mixed(mixed(seed) + seq) + Math.imul(purposes[purpose], 0x9e37_79b1));
  return ((bits >>> 0) + 0.5) / 2 ** 32;
}

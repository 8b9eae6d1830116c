// Random numbers from a seed, so that what chance decides in a run or a calculation can be had again. Not for secrets.
// Invariant: the same seed gives the same numbers on every machine and every Node.

/** 0 ≤ x < 1, 32 bits of it: the 32-bit mix of splitmix over a Weyl sequence. `seed`: any whole number, its low 32 bits count. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

// How large V8's young generation is in a worker process. All jobs that slots hold should die in it: what outlives it is moved and later
// collected at several times the cost, which was a third of the CPU of 24,000 slots. Up to 6,000 slots it is kept to what leaves the
// process under 100 MB, and with less than that 6,000 slots of jobs that do nothing took a third more CPU.

const slotsPerMb = 375;
const modestSlots = 6000;
const modestSlotsPerMb = 750;
const leastMb = 4;
const mostMb = 64;

/** For --max-semi-space-size: MB, a power of two. */
export function semiSpaceMb(slots: number): number {
  const neededMb = slots / (slots <= modestSlots ? modestSlotsPerMb : slotsPerMb);
  return Math.min(mostMb, Math.max(leastMb, 2 ** Math.ceil(Math.log2(neededMb))));
}

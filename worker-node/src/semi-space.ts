// How large V8's young generation is in a worker process. A small one keeps 6,000 sleeping slots under 100 MB, and the hot path hardly
// notices. With many more slots all the jobs that they hold would outlive it, and to collect them later took a third of the CPU of
// 24,000 slots, so it grows with them.

const slotsPerMb = 1500;
const leastMb = 4;
const mostMb = 32;

/** For --max-semi-space-size: MB, a power of two. */
export function semiSpaceMb(slots: number): number {
  return Math.min(mostMb, Math.max(leastMb, 2 ** Math.ceil(Math.log2(slots / slotsPerMb))));
}

// Says when memory gets short, so that slots stop growing before the kernel or V8 ends a process with all its jobs. Pure.
//
//   free ──(at least 90% in use)──▶ short ──(less than 80%)──▶ free

const shortAt = 0.9;
const freeBelow = 0.8;

export class MemoryGuard {
  #short = false;

  get short(): boolean {
    return this.#short;
  }

  /** `usedShare`: of what may be used. True: `short` has changed. */
  judge(usedShare: number): boolean {
    const before = this.#short;
    this.#short = usedShare >= (before ? freeBelow : shortAt);
    return this.#short !== before;
  }
}

// Rates of counters that only grow, between two looks at each. Pure. Whatever clock gives the moments: where it stood still or went back, or
// the counter began anew, there is no rate.

interface Look {
  atMs: number;
  value: number;
  perS: number | null;
}

export class Pace {
  #looks = new Map<string, Look>();
  #before = new Map<string, Look>();

  /** Per second since the look before at `key`; null: not known. A look at the same moment says the same again. */
  perS(key: string, atMs: number, value: number): number | null {
    const before = this.#looks.get(key) ?? this.#before.get(key);
    if (before?.atMs === atMs) {
      this.#looks.set(key, before);
      return before.perS;
    }
    const known = before && atMs > before.atMs && value >= before.value;
    const perS = known ? ((value - before.value) * 1000) / (atMs - before.atMs) : null;
    this.#looks.set(key, { atMs, value, perS });
    return perS;
  }

  /** All have been looked at: what was not is forgotten at the next round. */
  round(): void {
    this.#before = this.#looks;
    this.#looks = new Map();
  }
}

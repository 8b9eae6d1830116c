// How many lanes a worker keeps open. Pure: it is told what each turn brought, and the time.
//
//              jobs come as fast as lanes can ask for them, or from a backlog
//   cold ───────────────────────────────────────────────▶ hot: `usual` lanes ◀──────────────┐
//    ▲ `cold` lanes, one blocking FETCH each               │ for a while no lane had room   │ the rate did not rise:
//    │                                                     ▼ and slots were free            │ back, and none for 30 s
//    │                                                    trying: half as many again ───────┤
//    │                                                                                      │ it rose: these are kept,
//    └──────────── no job for 5 s, from anywhere                                            └ and half as many again are tried
//
// Up to `usual` it is known that lanes pay wherever the server works a connection off one command at a time, so they open at once;
// past it each step has to show it. Invariant: cold <= wanted <= max.

/** How long jobs have to come fast before it is hot. */
const warmMs = 20;
/** Jobs for each open lane in that time, at least. */
const fastJobs = 4;
/** Between two steps: the rate before, or the rate with the new ones once they have settled. */
const measureMs = 500;
const settleMs = 200;
/** What a step has to bring, as a share of the lanes it adds; less may be chance, and every lane costs reads and writes of its own. */
const gainShare = 0.4;
const pauseMs = 30_000;
const idleMs = 5000;

export interface LaneBounds {
  cold: number;
  usual: number;
  max: number;
}

export interface Turn {
  nowMs: number;
  /** Fetched so far. */
  jobs: number;
  /** Slots are free, and every open lane has as many FETCHes out as it may. */
  starved: boolean;
  /** Jobs that came lately had waited in their queue. */
  backlogged: boolean;
  roundTripMs: number;
}

export class LaneCount {
  #bounds: LaneBounds;
  #wanted: number;
  /** The stretch that is being measured. */
  #sinceMs = 0;
  #sinceJobs = 0;
  #turns = 0;
  #starvedTurns = 0;
  #settledAtMs = 0;
  /** Of the step that is tried. */
  #trial: { from: number; rate: number } | null = null;
  #notBeforeMs = 0;
  #jobs = 0;
  #jobAtMs = 0;

  constructor(bounds: LaneBounds) {
    this.#bounds = bounds;
    this.#wanted = bounds.cold;
  }

  /** Other ones from now on. */
  set bounds(bounds: LaneBounds) {
    this.#bounds = bounds;
    this.#wanted = Math.max(bounds.cold, Math.min(this.#wanted, bounds.max));
    this.#trial = null;
  }

  get wanted(): number {
    return this.#wanted;
  }

  /** To be called at the end of each turn in which something came. */
  turn({ nowMs, jobs, starved, backlogged, roundTripMs }: Turn): void {
    if (jobs !== this.#jobs) {
      this.#jobs = jobs;
      this.#jobAtMs = nowMs;
    } else if (nowMs - this.#jobAtMs >= idleMs) {
      this.#cool(nowMs);
      return;
    }
    if (nowMs < this.#settledAtMs) {
      this.#begin(nowMs);
      return;
    }
    // On a machine that is busy otherwise even a full queue comes in slowly.
    if (backlogged && starved && jobs > this.#sinceJobs) this.#wanted = Math.max(this.#wanted, this.#bounds.usual);
    this.#turns++;
    if (starved) this.#starvedTurns++;
    const tookMs = nowMs - this.#sinceMs;
    const cold = this.#wanted < this.#bounds.usual;
    if (tookMs < (cold ? warmMs : measureMs) + 2 * roundTripMs) return;
    // A stretch that lasted much longer had nothing going on in it.
    if (tookMs < 2 * (measureMs + 2 * roundTripMs)) this.#judge(nowMs, (jobs - this.#sinceJobs) / tookMs, cold);
    this.#begin(nowMs);
  }

  #judge(nowMs: number, perMs: number, cold: boolean): void {
    const { usual, max } = this.#bounds;
    const starved = this.#starvedTurns * 2 > this.#turns;
    if (cold) {
      if (starved && perMs * warmMs >= fastJobs * this.#wanted) this.#wanted = usual;
      return;
    }
    if (this.#trial && perMs < this.#trial.rate * (1 + gainShare * (this.#wanted / this.#trial.from - 1))) {
      this.#wanted = this.#trial.from;
      this.#trial = null;
      this.#notBeforeMs = nowMs + pauseMs;
      return;
    }
    this.#trial = null;
    if (!starved || this.#wanted >= max || nowMs < this.#notBeforeMs) return;
    this.#trial = { from: this.#wanted, rate: perMs };
    this.#wanted = Math.min(max, Math.ceil(this.#wanted * 1.5));
    this.#settledAtMs = nowMs + settleMs;
  }

  #begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#sinceJobs = this.#jobs;
    this.#turns = 0;
    this.#starvedTurns = 0;
  }

  #cool(nowMs: number): void {
    this.#wanted = this.#bounds.cold;
    this.#trial = null;
    this.#notBeforeMs = 0;
    this.#settledAtMs = 0;
    this.#begin(nowMs);
  }
}

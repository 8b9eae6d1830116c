// The search itself, written as it runs: a generator that yields the next trial and is given what it measured. Pure.
//
//   ramp ──▶ narrow ──▶ CPUs ──▶ processes ──▶ batches ──▶ narrow again, if something moved ──▶ settle ──▶ verify
//   slots     slots      fewer,    fewer,        larger,                                          close      the winner,
//   double    between    or more   or more       sooner                                           ones       fresh trials
//   until no  the best's                                                                          again
//   gain      neighbours
//
// Invariants: every trial lies in the bounds; one that has lost by more than noise is not repeated; a cheaper setting that can't be told
// from the best one wins; there are never more than `mostTrials`, of which the last ones are kept for settling and verifying.

import type { Goal, Measured } from './goal.ts';
import { type Bounds, compareCost, type Dimension, moved, type Setting, settingKey } from './setting.ts';
import { TrialBook } from './trial-book.ts';
import { fitCurve, kneeSlots } from './usl.ts';

export type Stage = 'ramp' | 'narrow' | 'cpus' | 'processes' | 'batches' | 'settle' | 'verify' | 'grid';

export interface Ask {
  setting: Setting;
  stage: Stage;
  /** Why this one, in a few words. */
  why: string;
  /** A trial may end early once it is certain to score below this; 0: it may not. */
  lostBelow: number;
}

export interface SearchOptions {
  goal: Goal;
  bounds: Bounds;
  start: Setting;
  mostTrials: number;
  /** Set: no search but every setting of a grid, slots in so many steps to a doubling. */
  gridSteps?: number;
}

export interface Found {
  winner: Setting;
  /** What the winner measured outside the search. */
  verified: Measured[];
  book: TrialBook;
  /** Why the search stopped. */
  stopped: string;
}

export type Search = Generator<Ask, Found, Measured>;

/** Less than this is no gain worth a step. */
const worthwhile = 0.03;
/** A setting within this of the best one is as good, if it is cheaper. */
const tied = 0.015;
/** Trials that verifying and settling may take; of a small number settling takes a quarter. */
const toVerify = 2;
const mostToSettle = 8;
const leastRepeats = 2;
const mostRepeats = 4;

const whyMoved: Record<Dimension, readonly [less: string, more: string]> = {
  slots: ['fewer slots', 'more slots'],
  cpus: ['fewer CPUs', 'more CPUs'],
  processes: ['fewer processes', 'more processes'],
  batchSize: ['smaller batches', 'larger batches'],
  batchDelayMs: ['a shorter delay', 'a longer delay'],
};

export function* search({ goal, bounds, start, mostTrials }: SearchOptions): Search {
  const walk = new Walk(new TrialBook(goal), bounds, mostTrials);
  let best = yield* walk.ramp(moved(start, {}, bounds));
  best = yield* walk.narrow(best);
  const before = best;
  best = yield* walk.cpus(best);
  best = yield* walk.along(best, 'processes', 'processes', [0.5, 2]);
  best = yield* walk.batches(best);
  if (walk.book.gain(best, before) > worthwhile || best.cpus !== before.cpus) best = yield* walk.narrow(best);
  best = yield* walk.settle(best);
  const verified = yield* walk.verify(best);
  return { winner: best, verified, book: walk.book, stopped: walk.stopped };
}

/** The steps of a search over one book. */
class Walk {
  readonly book: TrialBook;
  readonly #bounds: Bounds;
  readonly #mostTrials: number;
  /** Trials that the search leaves for settling and verifying. */
  readonly #kept: number;
  #trials = 0;
  #outOfTrials = false;

  constructor(book: TrialBook, bounds: Bounds, mostTrials: number) {
    this.book = book;
    this.#bounds = bounds;
    this.#mostTrials = mostTrials;
    this.#kept = toVerify + Math.min(mostToSettle, Math.floor(mostTrials / 4));
  }

  get stopped(): string {
    return this.#outOfTrials
      ? `its ${this.#mostTrials} trials at most (--trials) allow no further step`
      : 'no neighbour of the best setting is better by more than noise';
  }

  /** Whether a trial more may be made; `kept`: how many are to be left for later. */
  #may(kept: number): boolean {
    const left = this.#mostTrials - this.#trials > kept;
    if (!left) this.#outOfTrials = true;
    return left;
  }

  *#measure(setting: Setting, stage: Stage, why: string, lostBelow = 0): Generator<Ask, Measured, Measured> {
    this.#trials++;
    const measured = yield { setting, stage, why, lostBelow };
    this.book.add(setting, measured);
    return measured;
  }

  /** Tries a setting unless it was tried; false: there are no trials left for it. */
  *#try(setting: Setting, stage: Stage, why: string, best: Setting | null): Generator<Ask, boolean, Measured> {
    if (this.book.count(setting) > 0) return true;
    if (!this.#may(this.#kept)) return false;
    const lostBelow = best === null ? 0 : this.book.score(best) * 0.8;
    yield* this.#measure(setting, stage, why, lostBelow);
    return true;
  }

  /** The dearer one if it is better by more than a tie, after a repeat of each where that could be chance; else the cheaper one. */
  *#better(a: Setting, b: Setting, stage: Stage): Generator<Ask, Setting, Measured> {
    const [cheap, dear] = compareCost(a, b) <= 0 ? [a, b] : [b, a];
    while (this.book.gain(dear, cheap) > tied && this.book.isClose(a, b)) {
      const next = this.book.count(a) <= this.book.count(b) ? a : b;
      if (this.book.count(next) >= 2 || !this.#may(this.#kept)) break;
      yield* this.#measure(next, stage, 'again: the two are close');
    }
    return this.book.gain(dear, cheap) > tied ? dear : cheap;
  }

  /** Doubles the slots until that gains nothing twice in a row, or the bound is reached. */
  *ramp(start: Setting): Generator<Ask, Setting, Measured> {
    let best = start;
    yield* this.#measure(start, 'ramp', 'where it starts');
    let inVain = 0;
    for (let at = start; inVain < 2; ) {
      const next = moved(at, { slots: at.slots * 2 }, this.#bounds);
      if (next.slots === at.slots) break;
      if (!(yield* this.#try(next, 'ramp', 'twice the slots', best))) break;
      if (this.book.gain(next, best) > worthwhile) {
        inVain = 0;
        best = next;
      } else inVain++;
      at = next;
    }
    return best;
  }

  /** Where the curve through what is known has its knee, and then between the best one and its neighbours. */
  *narrow(from: Setting): Generator<Ask, Setting, Measured> {
    let best = from;
    for (let round = 0; round < 4; round++) {
      const next = this.#between(best);
      if (next === null) break;
      if (!(yield* this.#try(next.setting, 'narrow', next.why, best))) break;
      best = yield* this.#better(next.setting, best, 'narrow');
    }
    return best;
  }

  /** Settings that differ from `best` in slots alone, by slots. */
  #line(best: Setting): Setting[] {
    const same = (each: Setting) => settingKey({ ...each, slots: best.slots }) === settingKey(best);
    return this.book.entries
      .map(({ setting }) => setting)
      .filter(same)
      .sort((a, b) => a.slots - b.slots);
  }

  /** The next number of slots worth a look; null: the line is known well enough. */
  #between(best: Setting): { setting: Setting; why: string } | null {
    const line = this.#line(best);
    const at = line.findIndex(({ slots }) => slots === best.slots);
    const [below, above] = [line[at - 1], line[at + 1]];
    const isNew = (slots: number) => {
      const setting = moved(best, { slots }, this.#bounds);
      // Closer than a fifth to something known would tell nothing new.
      return line.every((known) => Math.abs(Math.log(known.slots / setting.slots)) > 0.18) ? setting : null;
    };
    const knee = this.#knee(line);
    const atKnee = knee === null ? null : isNew(knee);
    if (atKnee && (!below || atKnee.slots > below.slots) && (!above || atKnee.slots < above.slots)) {
      return { setting: atKnee, why: 'the knee of the fitted curve' };
    }
    const up = isNew(above ? Math.sqrt(best.slots * above.slots) : best.slots * 2);
    if (up && (!above || this.book.gain(above, best) > -0.2))
      return { setting: up, why: 'between the best and more slots' };
    const down = isNew(below ? Math.sqrt(best.slots * below.slots) : best.slots / 2);
    if (down && (!below || this.book.gain(below, best) > -0.4)) {
      return { setting: down, why: 'between the best and fewer slots' };
    }
    return null;
  }

  #knee(line: readonly Setting[]): number | null {
    const curve = fitCurve(line.map((each) => ({ slots: each.slots, ratePerS: this.book.score(each) })));
    return curve === null ? null : kneeSlots(curve, this.#bounds.slots[1]);
  }

  /** What is used decides where to go: a cap that is reached is raised, one with room is lowered to what is used. */
  *cpus(from: Setting): Generator<Ask, Setting, Measured> {
    let best = from;
    for (let round = 0; round < 4; round++) {
      const { usedCores, bottleneck } = this.book.mean(best)!;
      const capped =
        bottleneck === 'worker-cpu' ||
        bottleneck === 'throttling' ||
        (usedCores !== null && usedCores > 0.9 * best.cpus);
      const wanted = capped
        ? best.cpus * 2
        : usedCores === null
          ? best.cpus / 2
          : Math.min(best.cpus / 2, usedCores * 1.3);
      const next = this.#withCpus(best, wanted);
      if (next.cpus === best.cpus || this.book.count(next) > 0) break;
      if (!(yield* this.#try(next, 'cpus', capped ? 'the cap was reached' : 'the cap was not used', best))) break;
      const better = yield* this.#better(next, best, 'cpus');
      if (settingKey(better) === settingKey(best)) break;
      best = better;
    }
    return best;
  }

  /** Processes go with the CPUs, one for each begun one, unless they were fixed. */
  #withCpus(setting: Setting, cpus: number): Setting {
    const next = moved(setting, { cpus }, this.#bounds);
    return moved(next, { processes: Math.ceil(next.cpus) }, this.#bounds);
  }

  /** One dimension by factors: goes on in a direction as long as it helps. */
  *along(
    from: Setting,
    dimension: Dimension,
    stage: Stage,
    factors: readonly number[],
  ): Generator<Ask, Setting, Measured> {
    let best = from;
    for (const factor of factors) {
      for (;;) {
        const next = moved(best, { [dimension]: best[dimension] * factor }, this.#bounds);
        if (next[dimension] === best[dimension] || this.book.count(next) > 0) break;
        const why = whyMoved[dimension][factor > 1 ? 1 : 0];
        if (!(yield* this.#try(next, stage, why, best))) break;
        const better = yield* this.#better(next, best, stage);
        if (settingKey(better) === settingKey(best)) break;
        best = better;
      }
    }
    return best;
  }

  *batches(from: Setting): Generator<Ask, Setting, Measured> {
    const larger = yield* this.along(from, 'batchSize', 'batches', [4]);
    const moves = settingKey(larger) === settingKey(from) ? [0.25] : [0.25, 4];
    return yield* this.along(larger, 'batchDelayMs', 'batches', moves);
  }

  /** Repeats what can't be told from the best one, and takes the cheapest of those that are as good. */
  *settle(from: Setting): Generator<Ask, Setting, Measured> {
    for (;;) {
      const [best] = this.#ranked(from);
      if (this.book.count(best!) < leastRepeats && this.#may(toVerify)) {
        yield* this.#measure(best!, 'settle', 'again: a single trial may have been lucky');
        continue;
      }
      const contenders = this.#contenders(best!);
      const fewest = contenders.toSorted((a, b) => this.book.count(a) - this.book.count(b))[0]!;
      if (contenders.length < 2 || this.book.count(fewest) >= mostRepeats || !this.#may(toVerify)) break;
      yield* this.#measure(fewest, 'settle', 'again: it may be as good as the best');
    }
    const [best] = this.#ranked(from);
    const asGood = this.#contenders(best!).filter((each) => this.book.gain(best!, each) <= tied);
    return asGood.toSorted(compareCost)[0]!;
  }

  #ranked(from: Setting): Setting[] {
    const allowed = this.book.ranked().filter((each) => this.book.isAllowed(each));
    return allowed.length > 0 ? allowed : [from];
  }

  /** The best one and the cheaper ones that may be as good, at most four. */
  #contenders(best: Setting): Setting[] {
    const near = this.#ranked(best).filter(
      (each) => settingKey(each) !== settingKey(best) && compareCost(each, best) < 0 && this.#mayTie(best, each),
    );
    return [best, ...near.slice(0, 3)];
  }

  #mayTie(best: Setting, each: Setting): boolean {
    const error = Math.hypot(this.book.errorOf(best), this.book.errorOf(each));
    return this.book.gain(best, each) - error <= tied;
  }

  *verify(winner: Setting): Generator<Ask, Measured[], Measured> {
    const verified: Measured[] = [];
    while (verified.length < toVerify && this.#may(0)) {
      this.#trials++;
      verified.push(yield { setting: winner, stage: 'verify', why: 'the winner, outside the search', lostBelow: 0 });
    }
    return verified;
  }
}

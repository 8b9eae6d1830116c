// Every setting of a grid, measured once each, and the best of them again: the long way, for who would rather not believe a search. Pure.
//
// Invariant: the order is the same each time, so that a grid that was cut goes on; within a number of CPUs it is shuffled, so that a machine
// that slows down in the course of it favours no end of the slots.

import { seededRandom } from '../random.ts';
import type { Search, SearchOptions } from './search.ts';
import { type Bounds, type Dimension, moved, type Setting, settingKey } from './setting.ts';
import { TrialBook } from './trial-book.ts';

const toVerify = 2;
/** The highest of many single trials was lucky, too: those that can't be told from it are repeated. */
const mostFinalists = 4;
const finalRepeats = 3;

/** From the least to the most, `steps` to a doubling; both ends are in it. */
function valuesOf([least, most]: Bounds[Dimension], steps: number): number[] {
  const count = Math.floor(Math.log2(most / least) * steps + 1e-9);
  const values = Array.from({ length: count + 1 }, (_, at) => least * 2 ** (at / steps));
  return [...values, most];
}

function shuffled(settings: Setting[]): Setting[] {
  const random = seededRandom(1);
  for (let at = settings.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [settings[at], settings[other]] = [settings[other]!, settings[at]!];
  }
  return settings;
}

/** Slots in `steps` to a doubling, all else in doublings; processes go with the CPUs. */
export function gridOf(bounds: Bounds, steps: number): Setting[] {
  const all = new Map<string, Setting>();
  const origin = { slots: 0, cpus: 0, processes: 0, batchSize: 0, batchDelayMs: 0 };
  for (const cpus of valuesOf(bounds.cpus, 1)) {
    const block: Setting[] = [];
    for (const slots of valuesOf(bounds.slots, steps))
      for (const batchSize of valuesOf(bounds.batchSize, 1))
        for (const batchDelayMs of valuesOf(bounds.batchDelayMs, 1)) {
          const wanted = { ...origin, slots, cpus, processes: Math.ceil(cpus), batchSize, batchDelayMs };
          block.push(moved(wanted, {}, bounds));
        }
    for (const setting of shuffled(block)) all.set(settingKey(setting), setting);
  }
  return [...all.values()];
}

/** The best first, of those that the goal allows, if there are any. */
function ranked(book: TrialBook): Setting[] {
  const all = book.ranked();
  const allowed = all.filter((each) => book.isAllowed(each));
  return allowed.length > 0 ? allowed : all;
}

/** Of those that noise can't tell from the best one, the one that was measured least; null: they were measured often enough. */
function finalist(book: TrialBook): Setting | null {
  const [best, ...rest] = ranked(book);
  const close = rest.filter((each) => book.isClose(best!, each)).slice(0, mostFinalists - 1);
  const least = [best!, ...close].toSorted((a, b) => book.count(a) - book.count(b))[0]!;
  return close.length > 0 && book.count(least) < finalRepeats ? least : null;
}

/** The grid, and its best one verified. `mostTrials` does not bound it. */
export function* searchGrid({ goal, bounds, gridSteps = 1 }: SearchOptions): Search {
  const book = new TrialBook(goal);
  const settings = gridOf(bounds, gridSteps);
  for (const setting of settings) book.add(setting, yield { setting, stage: 'grid', why: 'of the grid', lostBelow: 0 });
  for (let again = 0; again < mostFinalists * finalRepeats; again++) {
    const setting = finalist(book);
    if (setting === null) break;
    book.add(setting, yield { setting, stage: 'settle', why: 'again: it may be the best', lostBelow: 0 });
  }
  const [winner] = ranked(book);
  const verified = [];
  while (verified.length < toVerify) {
    verified.push(yield { setting: winner!, stage: 'verify', why: 'the best of the grid, again', lostBelow: 0 });
  }
  return { winner: winner!, verified, book, stopped: `all ${settings.length} settings of the grid were measured` };
}

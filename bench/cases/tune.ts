// Tunings of three systems whose limit is known beforehand: what they choose, beside the best of a grid. The search itself is gated on
// simulated systems, in the tests; here stands what it does on real ones, and how far its choices differ from one time to the next.
//
//   once: the grid ─▶ its best setting      each round: a tuning ─▶ its choice verified; the grid's best again ─▶ share
//
// Which of the two comes first changes with the round, so that a machine whose speed wanders favours neither. With --resume the
// grid is measured once for all parts.

import { readFileSync } from 'node:fs';
import { describeSetting, gridOf, type RunResult, type Setting, settingKey } from '@jobstorm/loadtest';
import { FaultProxy } from '@jobstorm/testkit';
import type { BenchCase, Side } from '../case.ts';
import type { KnownCase } from '../known.ts';
import { Nest } from '../nest.ts';
import { runCommand, scratchPath } from '../part.ts';
import { type Rate, tuningsText } from '../tunings.ts';

interface Prepared {
  name: string;
  how: string;
  /** What holds it back, by the names that a verdict has for it. */
  limits: readonly string[];
  args: readonly string[];
  slots: readonly [number, number];
  realFaktory: 'needed' | 'unused';
  /** The job server's address; null: the tuning boots its own. */
  open(nest: Nest): Promise<string | null>;
}

const cpus = [1, 2] as const;
const gridSteps = 4;

const prepared: readonly Prepared[] = [
  {
    name: 'tune-server',
    how: 'server-bound: no-op jobs on a real Faktory',
    // Its process and its Redis share this machine's cores with all else.
    limits: ['server', 'server-redis', 'machine-cpu'],
    args: ['--jobtype', 'noop', '--via', 'direct'],
    slots: [25, 1600],
    realFaktory: 'needed',
    open: async (nest) => (await nest.server('real Faktory')).url,
  },
  {
    name: 'tune-slots',
    how: 'slot-bound: jobs of 100 ms, behind a round trip of 5 ms',
    limits: ['slots', 'fetch'],
    args: ['--service-time', '100ms', '--via', 'direct'],
    slots: [10, 640],
    realFaktory: 'unused',
    async open(nest) {
      const proxy = await FaultProxy.start(await nest.server('server-node'));
      nest.add(() => proxy.close());
      proxy.roundTripMs = 5;
      return proxy.url;
    },
  },
  {
    name: 'tune-cpu',
    how: 'CPU-bound: jobs that compute for 1 ms',
    limits: ['worker-cpu', 'throttling', 'machine-cpu'],
    args: ['--jobtype', 'spin', '--service-time', '1ms', '--via', 'direct'],
    slots: [5, 320],
    realFaktory: 'unused',
    open: async () => null,
  },
];

/** One tuning, from a fresh server to its end. */
async function tuneOnce({ name, args, open }: Prepared, more: readonly string[]) {
  return Nest.with(async (nest) => {
    const url = await open(nest);
    const json = scratchPath(`${name}.json`);
    const where = url === null ? [] : ['--url', url];
    const trial = ['--window', '1s', '--settle', '100ms', '--latency', '0'];
    const command = ['tune', ...args, ...trial, ...more, ...where, '--json', json];
    const { code, wallMs, said } = await runCommand(command, { DASHBOARD_PORT: '0' });
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${said}`);
    const { found, verdict } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
    return { found: found!, verdict, seconds: wallMs / 1000 };
  });
}

type Tuned = Awaited<ReturnType<typeof tuneOnce>>;

const range = ([least, most]: readonly [number, number]) => `${least}:${most}`;

/** Mean rate of those trials, and its 95% interval by what they differ by and by their own. */
function rateOf(trials: Tuned['found']['tried']): Rate {
  const perS = trials.reduce((sum, { measured }) => sum + measured.ratePerS, 0) / trials.length;
  const halves = trials.map(({ intervalPerS }) => (intervalPerS ? (intervalPerS[1] - intervalPerS[0]) / 2 : perS / 4));
  const half = Math.hypot(...halves) / trials.length;
  return { perS, low: perS - half, high: perS + half };
}

class PreparedSystem {
  readonly #system: Prepared;
  readonly #quick: boolean;
  readonly #known: KnownCase;
  readonly #note: (line: string) => void;

  constructor(system: Prepared, quick: boolean, known: KnownCase, note: (line: string) => void) {
    this.#system = system;
    this.#quick = quick;
    this.#known = known;
    this.#note = note;
  }

  get #steps(): number {
    return this.#quick ? 1 : gridSteps;
  }

  get #grid(): number {
    const held = [100, 100] as const;
    const bounds = { slots: this.#system.slots, cpus, processes: cpus, batchSize: held, batchDelayMs: held };
    return gridOf(bounds, this.#steps).length;
  }

  /** The whole grid, once. */
  async #bestOfGrid(): Promise<Setting> {
    const known = this.#known.kept<Setting>('best');
    if (known) return known;
    const { slots } = this.#system;
    const bounds = ['--slots', range(slots), '--cpus', range(cpus), '--grid', String(this.#steps)];
    const { found, seconds } = await tuneOnce(this.#system, bounds);
    const best = describeSetting(found.winner, ['slots', 'cpus']);
    this.#note(`grid: ${this.#grid} settings and the best ones again in ${seconds.toFixed(0)} s, the best: ${best}`);
    this.#known.keep('best', found.winner);
    return found.winner;
  }

  /** With a quarter of the grid's trials. */
  #tune(): Promise<Tuned> {
    const trials = this.#quick ? 10 : Math.floor(this.#grid / 4);
    const bounds = ['--slots', range(this.#system.slots), '--cpus', range(cpus)];
    return tuneOnce(this.#system, [...bounds, '--trials', String(trials)]);
  }

  /** One setting, three times. */
  async #again({ slots, cpus }: Setting): Promise<Rate> {
    const { found } = await tuneOnce(this.#system, ['--slots', String(slots), '--cpus', String(cpus), '--grid', '1']);
    return rateOf(found.tried);
  }

  async round(): Promise<Record<string, number>> {
    const best = await this.#bestOfGrid();
    const isBestFirst = this.#known.rounds % 2 === 1;
    const before = isBestFirst ? await this.#again(best) : null;
    const { found, verdict, seconds } = await this.#tune();
    const again = before ?? (await this.#again(best));
    // What it measured in the search was picked for being high: only what it measured afterwards counts.
    const choice = rateOf(found.tried.filter(({ stage }) => stage === 'verify'));
    this.#note(`limit: ${verdict.bottleneck}: ${verdict.evidence.join('; ')}`);
    return {
      ratePerS: choice.perS,
      low: choice.low,
      high: choice.high,
      bestPerS: again.perS,
      bestLow: again.low,
      bestHigh: again.high,
      share: choice.perS / again.perS,
      slots: found.winner.slots,
      cpus: found.winner.cpus,
      same: settingKey(found.winner) === settingKey(best) ? 1 : 0,
      trials: found.trials,
      grid: this.#grid,
      early: found.tried.filter(({ endedEarly }) => endedEarly).length,
      seconds,
      named: this.#system.limits.includes(verdict.bottleneck) ? 1 : 0,
    };
  }
}

const share = (name: string) => (median: (side: string, key: string) => number | null) => median(name, 'share');

function caseOf(system: Prepared): BenchCase {
  const { name, how } = system;
  return {
    name,
    about: `tunings of a system whose limit is known, beside the best of a grid; ${how}`,
    realFaktory: system.realFaktory,
    columns: [
      { key: 'ratePerS', title: 'chosen, jobs/s', digits: 0 },
      { key: 'bestPerS', title: "grid's best, jobs/s", digits: 0 },
      { key: 'share', title: 'share of it', digits: 3 },
      { key: 'slots', title: 'slots', digits: 0 },
      { key: 'cpus', title: 'CPUs', digits: 1 },
      { key: 'trials', title: 'trials', digits: 0 },
      { key: 'grid', title: "grid's", digits: 0 },
      { key: 'early', title: 'ended early', digits: 0 },
      { key: 'seconds', title: 's', digits: 0 },
      { key: 'named', title: 'limit named', digits: 0 },
    ],
    figures: [
      { what: "the choice, of the grid's best", value: share(name), digits: 3, unit: 'x', atLeast: 0.95 },
      {
        what: "trials, of the grid's",
        value: (median) => {
          const [trials, grid] = [median(name, 'trials'), median(name, 'grid')];
          return trials === null || grid === null ? null : trials / grid;
        },
        digits: 2,
        unit: 'x',
        atMost: 0.25,
      },
      { what: 'limit named right', value: (median) => median(name, 'named'), digits: 0, unit: '', atLeast: 1 },
    ],
    async sides({ count, note, known }): Promise<Side[]> {
      const prepared = new PreparedSystem(system, count(0, 1) === 1, known, note);
      return [{ name, run: () => prepared.round() }];
    },
    closing: (rounds) => tuningsText(rounds.get(name)!),
  };
}

export const tuneCases: readonly BenchCase[] = prepared.map(caseOf);

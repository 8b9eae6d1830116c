// Tunings of three systems whose limit is known beforehand: what they choose, beside the best of a grid that is measured in the same run
// and verified again in each round, so that a machine whose speed wanders takes both along. The search itself is gated on simulated
// systems, in the tests.
//
//   first round: the grid, once ─▶ its best setting      each round: a tuning ─▶ its choice verified; the grid's best verified

import { readFileSync } from 'node:fs';
import { describeSetting, gridOf, type Interval, type RunResult, type Setting, settingKey } from '@jobstorm/loadtest';
import { FaultProxy } from '@jobstorm/testkit';
import type { BenchCase, Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { runCommand, scratchPath } from '../part.ts';

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
    const command = [
      'tune',
      ...args,
      '--window',
      '1500ms',
      '--settle',
      '300ms',
      '--latency',
      '0',
      ...more,
      ...where,
      '--json',
      json,
    ];
    const { code, wallMs, said } = await runCommand(command, { DASHBOARD_PORT: '0' });
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${said}`);
    const { found, verdict } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
    return { found: found!, verdict, seconds: wallMs / 1000 };
  });
}

type Tuned = Awaited<ReturnType<typeof tuneOnce>>;

const range = ([least, most]: readonly [number, number]) => `${least}:${most}`;

/** Mean rate of the trials outside the search, and its 95% interval by theirs. */
function verifiedOf({ found }: Tuned): { perS: number } & Interval {
  const trials = found.tried.filter(({ stage }) => stage === 'verify');
  const perS = trials.reduce((sum, { measured }) => sum + measured.ratePerS, 0) / trials.length;
  const halves = trials.map(({ intervalPerS }) => (intervalPerS ? (intervalPerS[1] - intervalPerS[0]) / 2 : perS / 4));
  const half = Math.hypot(...halves) / trials.length;
  return { perS, low: perS - half, high: perS + half };
}

/** `6,310 jobs/s (6,200 to 6,420)` */
function rateText({ perS, low, high }: ReturnType<typeof verifiedOf>): string {
  const [at, from, to] = [perS, low, high].map((value) => Math.round(value).toLocaleString('en-GB'));
  return `${at} jobs/s (${from} to ${to})`;
}

class PreparedSystem {
  readonly #system: Prepared;
  readonly #quick: boolean;
  readonly #note: (line: string) => void;
  #best: Setting | null = null;

  constructor(system: Prepared, quick: boolean, note: (line: string) => void) {
    this.#system = system;
    this.#quick = quick;
    this.#note = note;
  }

  get #steps(): number {
    return this.#quick ? 1 : gridSteps;
  }

  get #bounds() {
    const held = [100, 100] as const;
    return { slots: this.#system.slots, cpus, processes: cpus, batchSize: held, batchDelayMs: held };
  }

  /** The whole grid, in the first round. */
  async #bestOfGrid(): Promise<Setting> {
    if (this.#best) return this.#best;
    const { slots } = this.#system;
    const grid = await tuneOnce(this.#system, [
      ...['--slots', range(slots), '--cpus', range(cpus), '--grid', String(this.#steps)],
      ...['--window', '1s'],
    ]);
    this.#best = grid.found.winner;
    const seconds = grid.seconds.toFixed(0);
    this.#note(
      `grid: ${grid.found.trials - 2} settings in ${seconds} s, the best: ${describeSetting(this.#best, ['slots', 'cpus'])}`,
    );
    return this.#best;
  }

  async round(): Promise<Record<string, number>> {
    const { slots, limits } = this.#system;
    const best = await this.#bestOfGrid();
    const short = this.#quick ? ['--window', '1s', '--trials', '10'] : [];
    const tuned = await tuneOnce(this.#system, ['--slots', range(slots), '--cpus', range(cpus), ...short]);
    const held = ['--slots', String(best.slots), '--cpus', String(best.cpus), '--grid', '1'];
    const again = await tuneOnce(this.#system, held);
    const [choice, bestNow] = [verifiedOf(tuned), verifiedOf(again)];
    const { found, verdict, seconds } = tuned;
    const isSame = settingKey(found.winner) === settingKey(best) ? ', the same' : '';
    this.#note(
      `chosen: ${describeSetting(found.winner, ['slots', 'cpus'])}: ${rateText(choice)}; grid's best again: ${rateText(bestNow)}${isSame}`,
    );
    this.#note(`limit: ${verdict.bottleneck}: ${verdict.evidence.join('; ')}`);
    return {
      ratePerS: choice.perS,
      bestPerS: bestNow.perS,
      share: choice.perS / bestNow.perS,
      slots: found.winner.slots,
      cpus: found.winner.cpus,
      trials: found.trials,
      grid: gridOf(this.#bounds, this.#steps).length,
      early: found.tried.filter(({ endedEarly }) => endedEarly).length,
      seconds,
      named: limits.includes(verdict.bottleneck) ? 1 : 0,
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
    async sides({ count, note }): Promise<Side[]> {
      const prepared = new PreparedSystem(system, count(0, 1) === 1, note);
      return [{ name, run: () => prepared.round() }];
    },
  };
}

export const tuneCases: readonly BenchCase[] = prepared.map(caseOf);

// Several runs of one command: the same again, and in turns with other settings.
//
//   warm-up   A B   B A   A B  …       --repeats 3 --against concurrency=4000
//
// A tenth of the jobs (with --overhead as many as a run has) goes ahead and is not counted, also after each change of worker, so that what is compared is equally warm.
// Invariant: A and B have the same number of runs unless the series was interrupted.

import type { RunPlan, RunResult, Timeline } from '@jobstorm/loadtest';
import type { Histogram } from '@jobstorm/telemetry';
import { BatchSwitch } from './batching.ts';
import type { PerfTestConfig } from './config.ts';
import { micros, rate } from './format.ts';
import type { RunListener } from './recorder.ts';
import type { Errand } from './run-command.ts';
import { shownConfig } from './run-context.ts';

/** One run, measured. */
export interface Taken {
  result: RunResult;
  endToEnd: Histogram | undefined;
  timeline: Timeline;
  /** Prints its summary. */
  show(): void;
}

/** Settings that take turns. */
export interface Turn {
  /** The flags that make it differ from the first; empty for the first. */
  name: string;
  config: PerfTestConfig;
}

/** How a run is made; the series only says of what and when. */
export interface RunMaker {
  planFor(config: PerfTestConfig): RunPlan;
  measure(errand: Errand, listener?: RunListener): Promise<Taken>;
}

const warmUpShare = 0.1;

/** What costs a fraction of a microsecond a job shows only once the compilers are done. */
const warmUpShareOf = ({ values }: PerfTestConfig): number => (values.overhead ? 1 : warmUpShare);

function sameWorker(a: PerfTestConfig, b: PerfTestConfig): boolean {
  const { concurrency, engine } = a.values;
  return concurrency === b.values.concurrency && engine === b.values.engine && a.workerCpus === b.workerCpus;
}

/** The errand of one more run. */
export function nextErrand(errand: Errand, config: PerfTestConfig, plan: RunPlan): Errand {
  const { thresholds, workerCpus } = config;
  const own = { plan, startedAtMs: Date.now(), config: shownConfig(config), thresholds, workerCpus };
  return { ...errand, config, context: { ...errand.context, ...own } };
}

export class RunSeries {
  readonly turns: readonly Turn[];
  /** By turn. */
  readonly taken: Taken[][];
  readonly #errand: Errand;
  readonly #maker: RunMaker;
  #worker: PerfTestConfig;
  #switch: BatchSwitch | null = null;

  constructor(errand: Errand, maker: RunMaker) {
    this.#errand = errand;
    this.#maker = maker;
    this.turns = [{ name: '', config: errand.config }, ...errand.config.turns];
    this.taken = this.turns.map(() => []);
    this.#worker = errand.config;
  }

  async run(): Promise<void> {
    const { repeats } = this.#errand.config.values;
    if (repeats === 1 && this.turns.length === 1) {
      this.taken[0]!.push(await this.#maker.measure(this.#errand));
      return;
    }
    if (this.turns.some(({ config }) => config.batchesOff)) this.#switch = await BatchSwitch.open(this.#errand.cluster);
    try {
      await this.#rounds(repeats);
    } finally {
      await this.#switch?.close();
    }
  }

  async #rounds(repeats: number): Promise<void> {
    await this.#warmUp(this.#errand.config);
    for (let round = 0; round < repeats; round++) {
      const order = [...this.turns.keys()];
      for (const at of round % 2 === 0 ? order : order.toReversed()) await this.#one(at, round);
    }
  }

  get #off(): boolean {
    return this.#errand.interrupt.signal.aborted;
  }

  /** Counted nowhere, and in no report. */
  async #warmUp(config: PerfTestConfig): Promise<void> {
    if (this.#off) return;
    const plan = this.#maker.planFor(config);
    const jobs = Math.max(1, Math.ceil(plan.jobs * warmUpShareOf(config)));
    const errand = nextErrand(this.#errand, config, { ...plan, jobs });
    errand.terminal.write(errand.terminal.dim('warming up: not counted\n'));
    await this.#maker.measure(errand, {});
  }

  async #one(at: number, round: number): Promise<void> {
    const { name, config } = this.turns[at]!;
    const { cluster, terminal: t } = this.#errand;
    if (!this.#off && !sameWorker(this.#worker, config)) {
      await cluster.replace(config);
      this.#worker = config;
      await this.#warmUp(config);
    }
    if (this.#off) return;
    await this.#switch?.turn(config);
    const taken = await this.#maker.measure(nextErrand(this.#errand, config, this.#maker.planFor(config)));
    this.taken[at]!.push(taken);
    const { throughput, latencyUs, valid } = taken.result;
    const p99 = latencyUs.endToEnd ? `, p99 ${micros(latencyUs.endToEnd.p99)}` : '';
    const done = throughput.completePerS === null ? 'nothing completed' : rate(throughput.completePerS);
    const which = `run ${round + 1} of ${this.#errand.config.values.repeats}${name && ` with ${name}`}`;
    t.write(`${which}: ${done}${p99}${valid ? '' : t.yellow('   not valid')}\n`);
  }
}

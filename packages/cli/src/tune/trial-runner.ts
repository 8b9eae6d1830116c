// Measures one setting on the cluster:
//
//   turn the knobs ─▶ settle, under load ─▶ keep a backlog: the rate ─▶ a steady 80% of that rate: p99
//                                             └─ lost beyond doubt ─▶ enough: no p99, and the row says so
//
// Invariants: a trial ends with nothing of it queued, and is measured on workers that all have its setting; what could not be judged says
// why and has no figures to go by.

import {
  hasLost,
  type LoadModel,
  makePlan,
  newRunId,
  type RunResult,
  type Setting,
  type TimelineSample,
  type TrialAsk,
  type TrialMeasured,
} from '@jobstorm/loadtest';
import { chooseLoad, plainLoad } from '../load-settings.ts';
import type { RunListener } from '../recorder.ts';
import { type Errand, measure } from '../run-command.ts';
import { nextErrand } from '../run-series.ts';
import type { Knobs } from './knobs.ts';
import type { TuneConfig } from './tune-settings.ts';

export interface TrialOutcome {
  measured: TrialMeasured;
  /** Of the backlog: its verdict says what limits. */
  result: RunResult;
  /** 95%, of the rate; null: it was not steady for long enough. */
  intervalPerS: [number, number] | null;
  endedEarly: boolean;
  /** Why it says nothing of its setting; null: it does. */
  why: string | null;
}

/** Of a capacity: the rate at which the latency of a setting is looked at. */
const latencyShare = 0.8;
/** Jobs without which there is no p99 to speak of. */
const fewestForP99 = 100;
/** Jobs that wait: in seconds of work, and for the moment when all slots are free at once. */
const backlogS = 0.3;
const backlogSlots = 1.5;
const leastBacklog = 50;
/** While no rate is known yet. */
const firstBacklog = 500;

/** Why a run says nothing of its setting; null: it does. That parts share this machine's cores is so in all trials alike. */
function whyNotJudged({ valid, invalidBecause, throughput }: RunResult): string | null {
  if (!valid) return invalidBecause.join('; ');
  return throughput.completePerS === null ? 'no job was completed' : null;
}

/** Cores that the workers used for the jobs that they did, and not while they waited for the first or after the last. */
function usedCoresOf({ cost, throughput }: RunResult): number | null {
  const { workerCoreSecondsPer1kJobs: per1k } = cost;
  return per1k === null || throughput.completePerS === null ? null : (per1k * throughput.completePerS) / 1000;
}

export interface TrialRunnerOptions {
  errand: Errand;
  tune: TuneConfig['tune'];
  knobs: Knobs;
  /** Seconds since the tuning began. */
  atS: () => number;
}

export class TrialRunner {
  readonly #o: TrialRunnerOptions;
  readonly #errand: Errand;
  /** The rate that was seen last, for the size of a backlog; null: none yet. */
  #seenPerS: number | null = null;

  constructor(o: TrialRunnerOptions) {
    this.#o = o;
    const { terminal } = o.errand;
    // Off a terminal the line of each trial says it all.
    this.#errand = terminal.live ? o.errand : { ...o.errand, terminal: { ...terminal, columns: 80, write: () => {} } };
  }

  get #isOff(): boolean {
    return this.#errand.interrupt.signal.aborted;
  }

  /** null: interrupted. @throws JobstormError ETUNE when the setting can't be turned on */
  async run({ setting, lostBelow }: Pick<TrialAsk, 'setting' | 'lostBelow'>): Promise<TrialOutcome | null> {
    const { settleMs, windowMs } = this.#o.tune;
    this.#stage('changing settings', null);
    await this.#o.knobs.turn(setting, () => this.#isOff);
    if (settleMs > 0 && !this.#isOff) {
      this.#stage('settling', settleMs);
      this.#saw(await this.#load(setting, settleMs, null));
      await this.#o.knobs.inForce(setting, () => this.#isOff);
    }
    if (this.#isOff) return null;
    this.#stage('measuring', windowMs);
    const enough = new AbortController();
    const result = await this.#load(setting, windowMs, null, this.#lossWatch(lostBelow, enough), enough.signal);
    this.#saw(result);
    const endedEarly = enough.signal.aborted;
    const why = whyNotJudged(result);
    const latency = why === null && !endedEarly ? await this.#latency(setting, result) : { p99Us: null, why };
    if (this.#isOff) return null;
    const ratePerS = result.throughput.completePerS ?? 0;
    const { precision, verdict } = result;
    const known = precision.completePerS;
    return {
      measured: {
        ratePerS,
        usedCores: usedCoresOf(result),
        p99Us: latency.p99Us,
        bottleneck: verdict.bottleneck,
        errorShare: known ? (known.high - known.low) / 2 / 1.96 / ratePerS : null,
      },
      result,
      intervalPerS: known ? [known.low, known.high] : null,
      endedEarly,
      why: latency.why,
    };
  }

  /** End to end, of an open run at a share of the rate. */
  async #latency(setting: Setting, { throughput }: RunResult): Promise<{ p99Us: number | null; why: string | null }> {
    const { goal, latencyMs } = this.#o.tune;
    const isGoal = goal.kind === 'p99';
    const perS = latencyShare * (throughput.completePerS ?? 0);
    const tooFew = (perS * latencyMs) / 1000 < fewestForP99;
    if (this.#isOff || latencyMs === 0 || (!isGoal && tooFew)) return { p99Us: null, why: null };
    this.#stage(`latency at ${latencyShare * 100}% of the rate`, latencyMs);
    const open = await this.#load(setting, latencyMs, perS);
    if (!isGoal) return { p99Us: open.valid ? (open.latencyUs.endToEnd?.p99 ?? null) : null, why: null };
    const why = whyNotJudged(open);
    return { p99Us: open.latencyUs.endToEnd?.p99 ?? null, why: why && `at ${latencyShare * 100}% of the rate: ${why}` };
  }

  #saw({ throughput }: RunResult): void {
    this.#seenPerS = throughput.completePerS ?? this.#seenPerS;
  }

  #backlogFor({ slots }: Setting): number {
    const least = this.#seenPerS === null ? firstBacklog : leastBacklog;
    return Math.ceil(Math.max(least, backlogSlots * slots, backlogS * (this.#seenPerS ?? 0)));
  }

  /** Jobs for so long: a kept backlog, or a steady rate. */
  async #load(
    setting: Setting,
    durationMs: number,
    ratePerS: number | null,
    onSample: (sample: TimelineSample) => void = () => {},
    enough?: AbortSignal,
  ): Promise<RunResult> {
    const lost = new AbortController();
    const { config } = this.#errand;
    const values = { ...config.values, concurrency: setting.slots, cpus: setting.cpus, durationMs };
    const kept: Partial<typeof plainLoad> =
      ratePerS === null ? { backlog: this.#backlogFor(setting) } : { rate: Math.max(0.01, ratePerS) };
    const load = chooseLoad({ ...plainLoad, durationMs, ...kept }, null, []);
    const own = { ...config, values, workerCpus: setting.cpus, load, jobs: load.jobs };
    const { shape, via } = config;
    const run = newRunId(Date.now(), Math.random);
    const plan = makePlan({ run, shape, queue: config.values.queue, via, ...load });
    // Jobs that a worker takes with it come back in a minute: that is not waited for, since the trial says nothing any more.
    const listener = { ...this.#listener(onSample, load.load), onWorkerLost: () => lost.abort() };
    const stops = { giveUp: lost.signal, ...(enough ? { enough } : {}) };
    return (await measure(nextErrand(this.#errand, own, plan), listener, stops)).result;
  }

  /** What a run tells, at its time in the whole tuning. */
  #listener(onSample: (sample: TimelineSample) => void, load: LoadModel): RunListener {
    const offsetS = this.#o.atS();
    const { reports } = this.#errand;
    const later = <T extends { atS: number }>(each: T): T => ({ ...each, atS: each.atS + offsetS });
    let isBusy = load.kind === 'backlog';
    return {
      onSample: (sample) => {
        reports.tell({ type: 'sample', ...later(sample) });
        // Once nothing comes in any more, it only drains.
        isBusy &&= sample.counts.submitted > 0;
        if (isBusy) onSample(sample);
      },
      onMark: (mark) => reports.tell({ type: 'mark', ...later(mark) }),
    };
  }

  #lossWatch(lostBelow: number, enough: AbortController): (sample: TimelineSample) => void {
    const samples: TimelineSample[] = [];
    return (sample) => {
      samples.push(sample);
      if (hasLost(this.#o.tune.goal, samples, lostBelow)) enough.abort();
    };
  }

  #stage(what: string, lengthMs: number | null): void {
    const lengthS = lengthMs === null ? null : lengthMs / 1000;
    this.#errand.reports.tell({ type: 'stage', what, atS: this.#o.atS(), lengthS });
  }
}

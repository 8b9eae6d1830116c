// Measures one setting on the cluster:
//
//   turn the knobs ─▶ settle, under load ─▶ keep a backlog: the rate ─▶ a steady 80% of that rate: p99
//                                             └─ lost beyond doubt ─▶ enough: no p99, and the row says so
//
// Invariants: a trial ends with nothing of it queued, and is measured on workers that all have its setting, from its beginning to its end;
// what could not be judged says why and has no figures to go by.

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
/** Jobs that wait: in seconds of work, and for the moment when all slots are free at once. All of them are done in the end. */
const backlogS = 0.2;
/** While nothing is measured, it does no harm if they run out for a moment. */
const settlingBacklogS = 0.1;
const backlogSlots = 1.5;
/** Where slots and service time say how many a second there can be at most, and where they don't. */
const leastBacklog = { bounded: 15, unbounded: 50 };
/** While no rate is known yet. */
const firstBacklog = 500;

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
  /** What somebody else changed in the course of the trial, in words. */
  #changed: string[] = [];

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
    await this.#o.knobs.turn(setting, settleMs === 0, () => this.#isOff);
    if (settleMs > 0 && !this.#isOff) {
      this.#stage('settling', settleMs);
      this.#saw(await this.#load(setting, settleMs, { backlog: this.#backlogFor(setting, settlingBacklogS) }));
      // Once more: what somebody changed meanwhile would be measured else.
      await this.#o.knobs.turn(setting, true, () => this.#isOff);
    }
    if (this.#isOff) return null;
    this.#changed = [];
    this.#stage('measuring', windowMs);
    const lost = new AbortController();
    const kept = { backlog: this.#backlogFor(setting, backlogS) };
    const result = await this.#load(setting, windowMs, kept, this.#lossWatch(lostBelow, lost), lost.signal);
    this.#saw(result);
    const endedEarly = lost.signal.aborted;
    const why = this.#whyNotJudged(result);
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

  /** Why a run says nothing of its setting; null: it does. That parts share this machine's cores is so in all trials alike. */
  #whyNotJudged({ valid, invalidBecause, throughput }: RunResult): string | null {
    if (!valid) return invalidBecause.join('; ');
    if (this.#changed.length > 0) return `settings were changed meanwhile: ${this.#changed.join('; ')}`;
    return throughput.completePerS === null ? 'no job was completed' : null;
  }

  /** End to end, of an open run at a share of the rate. */
  async #latency(setting: Setting, { throughput }: RunResult): Promise<{ p99Us: number | null; why: string | null }> {
    const { goal, latencyMs } = this.#o.tune;
    const isGoal = goal.kind === 'p99';
    const perS = latencyShare * (throughput.completePerS ?? 0);
    const tooFew = (perS * latencyMs) / 1000 < fewestForP99;
    if (this.#isOff || latencyMs === 0 || (!isGoal && tooFew)) return { p99Us: null, why: null };
    this.#stage(`latency at ${latencyShare * 100}% of the rate`, latencyMs);
    const open = await this.#load(setting, latencyMs, { rate: Math.max(0.01, perS) });
    const why = this.#whyNotJudged(open);
    if (!isGoal && this.#changed.length === 0)
      return { p99Us: why === null ? (open.latencyUs.endToEnd?.p99 ?? null) : null, why: null };
    return { p99Us: open.latencyUs.endToEnd?.p99 ?? null, why: why && `at ${latencyShare * 100}% of the rate: ${why}` };
  }

  #saw({ throughput }: RunResult): void {
    this.#seenPerS = throughput.completePerS ?? this.#seenPerS;
  }

  /** A rate that was seen with more slots than now would have jobs wait for long, were it not for what the slots can do. */
  #backlogFor({ slots }: Setting, seconds: number): number {
    const { serviceMs } = this.#errand.config.shape;
    const mostPerS = serviceMs > 0 ? (slots * 1000) / serviceMs : Number.POSITIVE_INFINITY;
    const perS = Math.min(this.#seenPerS ?? firstBacklog / seconds, mostPerS);
    const least = perS === mostPerS ? leastBacklog.bounded : leastBacklog.unbounded;
    return Math.ceil(Math.max(least, backlogSlots * slots, seconds * perS));
  }

  /** Jobs for so long: a kept backlog, or a steady rate. */
  async #load(
    setting: Setting,
    durationMs: number,
    kept: { backlog: number } | { rate: number },
    onSample: (sample: TimelineSample) => void = () => {},
    enough?: AbortSignal,
  ): Promise<RunResult> {
    const [gone, over] = [new AbortController(), new AbortController()];
    const { config } = this.#errand;
    const values = { ...config.values, concurrency: setting.slots, cpus: setting.cpus, durationMs };
    const load = chooseLoad({ ...plainLoad, durationMs, ...kept }, null, []);
    const own = { ...config, values, workerCpus: setting.cpus, load, jobs: load.jobs };
    const { shape, via } = config;
    const run = newRunId(Date.now(), Math.random);
    const plan = makePlan({ run, shape, queue: config.values.queue, via, ...load });
    // Either way the trial says nothing any more. Jobs that a worker takes with it come back in a minute: that is not waited for.
    const listener: RunListener = {
      ...this.#listener(onSample, load.load),
      onWorkerLost: () => gone.abort(),
      onChanged: (what) => {
        this.#changed.push(what);
        over.abort();
      },
    };
    const stops = { giveUp: gone.signal, enough: AbortSignal.any([over.signal, ...(enough ? [enough] : [])]) };
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

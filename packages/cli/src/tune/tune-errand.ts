// A tuning on a cluster that is up: asks the search what to try, turns the knobs, measures, tells, until it has found something.
//
//   nextStep(history) ─▶ knobs ─▶ settle, under load ─▶ measure ─▶ history, .jobstorm/tune.json, the page ─▶ nextStep …
//
// Invariants: a trial that was not valid, or lost a worker, is marked and made again, and never judged by; what has measured is written
// down before the next trial begins.

import {
  type Found,
  fitCurve,
  kneeSlots,
  makePlan,
  meanOf,
  newRunId,
  nextStep,
  paretoFront,
  type RunResult,
  type SearchOptions,
  type Setting,
  type Trial,
  type TrialAsk,
  type TrialMeasured,
} from '@jobstorm/loadtest';
import { ExitCode } from '@jobstorm/program';
import { describeAddress, JobstormError } from '@jobstorm/protocol';
import { FeedLink } from '../feed-link.ts';
import { chooseLoad, plainLoad } from '../load-settings.ts';
import type { RunListener } from '../recorder.ts';
import { type Errand, measure, serverNameOf } from '../run-command.ts';
import { nextErrand } from '../run-series.ts';
import { saveDefaults } from './compose-defaults.ts';
import { Knobs } from './knobs.ts';
import type { TuneConfig } from './tune-settings.ts';
import { resumeTune, saveTune, type TuneState } from './tune-state.ts';
import { foundText, measuredText, trialLine } from './tune-summary.ts';

type TuneOptions = TuneConfig['tune'];

/** A trial that can't be judged is made again so many times; then the cluster is not fit to be tuned. */
const mostAgain = 3;
/** Of a capacity: the rate at which the latency of a setting is looked at. */
const latencyShare = 0.8;

interface TrialOutcome {
  measured: TrialMeasured;
  result: RunResult;
  intervalPerS: [number, number] | null;
}

class Tuning {
  readonly #errand: Errand;
  readonly #o: TuneOptions;
  readonly #search: SearchOptions;
  readonly #knobs: Knobs;
  readonly #state: TuneState;
  readonly #startMs = performance.now();
  #number: number;
  #last: RunResult | null = null;

  constructor(errand: Errand, o: TuneOptions, search: SearchOptions, knobs: Knobs, state: TuneState) {
    this.#errand = errand;
    this.#o = o;
    this.#search = search;
    this.#knobs = knobs;
    this.#state = state;
    this.#number = state.trials.length;
  }

  get #isOff(): boolean {
    return this.#errand.interrupt.signal.aborted;
  }

  /** Seconds since it began. */
  get #atS(): number {
    return (performance.now() - this.#startMs) / 1000;
  }

  get history(): readonly Trial[] {
    return this.#state.trials;
  }

  /** The result of the trial that was measured last. */
  get last(): RunResult | null {
    return this.#last;
  }

  /** null: interrupted. @throws JobstormError ETUNE */
  async run(): Promise<Found | null> {
    for (const [at, trial] of this.history.entries())
      this.#tell(at + 1, trial, { ...trial, intervalPerS: null }, 'of before');
    for (;;) {
      const step = nextStep(this.#search, this.history);
      if ('found' in step) return step.found;
      if (this.#isOff) return null;
      const outcome = await this.#trial(step.ask);
      if (outcome === null) return null;
      const { setting, stage } = step.ask;
      this.#state.trials.push({ setting, stage, measured: outcome.measured });
      saveTune(process.cwd(), this.#state);
      this.#tellCurve();
    }
  }

  /** null: interrupted. */
  async #trial(ask: TrialAsk): Promise<TrialOutcome | null> {
    for (let again = 0; again < mostAgain; again++) {
      const number = ++this.#number;
      this.#tell(number, ask, null, again === 0 ? '' : 'again: the one before could not be judged');
      const outcome = await this.#once(ask.setting);
      if (this.#isOff) return null;
      const why = whyNotJudged(outcome.result);
      const note = why ?? (ask.stage === 'verify' ? 'outside the search' : ask.why);
      this.#tell(number, ask, outcome, note, why === null ? 'measured' : 'repeated');
      const said = why === null ? measuredText(outcome.measured) : `again: ${why}`;
      this.#errand.terminal.write(trialLine(number, this.#of, ask.setting, said));
      if (why === null) return outcome;
    }
    throw new JobstormError(
      'ETUNE',
      `${mostAgain} trials in a row could not be judged; the last one: ${whyNotJudged(this.#last!)}`,
    );
  }

  /** How many there will be, about. */
  get #of(): number {
    return Math.max(this.#number, Math.min(this.#search.mostTrials, 24));
  }

  async #once(setting: Setting): Promise<TrialOutcome> {
    const { settleMs, windowMs, goal } = this.#o;
    this.#stage('changing settings', null);
    await this.#knobs.turn(setting, () => this.#isOff);
    if (settleMs > 0 && !this.#isOff) {
      this.#stage('settling', settleMs);
      await this.#load(setting, settleMs, null);
    }
    this.#stage('measuring', windowMs);
    const result = await this.#load(setting, windowMs, null);
    const ratePerS = result.throughput.completePerS ?? 0;
    let p99Us: number | null = null;
    if (goal.kind === 'p99' && ratePerS > 0 && !this.#isOff) {
      this.#stage('latency at 80 %', windowMs);
      const open = await this.#load(setting, windowMs, latencyShare * ratePerS);
      p99Us = open.latencyUs.endToEnd?.p99 ?? null;
    }
    this.#last = result;
    const usedCores = result.cpu.workers?.usedCores ?? null;
    const measured = { ratePerS, usedCores, p99Us, bottleneck: result.verdict.bottleneck };
    return { measured, result, intervalPerS: intervalOf(result) };
  }

  /** Jobs for so long: a kept backlog, or a steady rate. */
  #load(setting: Setting, durationMs: number, ratePerS: number | null): Promise<RunResult> {
    const { config } = this.#errand;
    const backlog = Math.max(2000, 2 * setting.slots);
    const values = { ...config.values, concurrency: setting.slots, cpus: setting.cpus, durationMs };
    const load = chooseLoad(
      { ...plainLoad, durationMs, backlog: ratePerS === null ? backlog : null, rate: ratePerS },
      null,
      [],
    );
    const own = { ...config, values, workerCpus: setting.cpus, load, jobs: load.jobs };
    const plan = makePlan({
      run: newRunId(Date.now(), Math.random),
      shape: config.shape,
      queue: config.values.queue,
      via: config.via,
      ...load,
    });
    return measure(nextErrand(this.#errand, own, plan), this.#listener()).then(({ result }) => result);
  }

  /** What a run tells, at its time in the whole tuning. */
  #listener(): RunListener {
    const offsetS = this.#atS;
    const { reports } = this.#errand;
    const later = <T extends { atS: number }>(each: T): T => ({ ...each, atS: each.atS + offsetS });
    return {
      onSample: (sample) => reports.tell({ type: 'sample', ...later(sample) }),
      onMark: (mark) => reports.tell({ type: 'mark', ...later(mark) }),
    };
  }

  #stage(what: string, lengthMs: number | null): void {
    this.#errand.reports.tell({
      type: 'stage',
      what,
      atS: this.#atS,
      lengthS: lengthMs === null ? null : lengthMs / 1000,
    });
  }

  #tell(
    number: number,
    { setting, stage, why = '' }: Pick<TrialAsk, 'setting' | 'stage'> & { why?: string },
    outcome: Pick<TrialOutcome, 'measured' | 'intervalPerS'> | null,
    note: string,
    state: 'running' | 'measured' | 'repeated' = outcome ? 'measured' : 'running',
  ): void {
    const { reports } = this.#errand;
    const { measured = null, intervalPerS = null } = outcome ?? {};
    reports.tell({ type: 'trial', number, of: this.#of, setting, stage, why, state, measured, intervalPerS, note });
    if (outcome) reports.tell({ type: 'mark', atS: this.#atS, what: `trial ${number} ended` });
    if (this.#last && outcome) reports.tell({ type: 'verdict', ...this.#last.verdict });
  }

  #tellCurve(): void {
    const points = this.history.map(({ setting, measured }) => ({ slots: setting.slots, ratePerS: measured.ratePerS }));
    const curve = fitCurve(points);
    const knee = curve && kneeSlots(curve, this.#search.bounds.slots[1]);
    this.#errand.reports.tell({ type: 'curve', curve, knee });
  }
}

/** The 95% interval of its rate. */
function intervalOf({ precision }: RunResult): [number, number] | null {
  const known = precision.completePerS;
  return known ? [known.low, known.high] : null;
}

/** Why a trial says nothing of its setting; null: it does. That parts share this machine's cores is so in all trials alike. */
function whyNotJudged({ valid, invalidBecause, throughput }: RunResult): string | null {
  if (!valid) return invalidBecause.join('; ');
  return throughput.completePerS === null ? 'no job was completed' : null;
}

function termsOf({ config, cluster }: Errand, { goalText, windowMs }: TuneOptions, { bounds }: SearchOptions) {
  return {
    goal: goalText,
    bounds,
    windowMs,
    jobtype: config.shape.jobtype,
    serviceMs: config.shape.serviceMs,
    via: config.via,
    server: cluster.server ? 'local' : describeAddress(cluster.address),
  };
}

function dryRunText({ bounds, mostTrials, start }: SearchOptions, { windowMs, settleMs, goal }: TuneOptions): string {
  const ramp: number[] = [];
  for (let slots = start.slots; slots <= bounds.slots[1]; slots *= 2) ramp.push(slots);
  const trialS = (settleMs + windowMs * (goal.kind === 'p99' ? 2 : 1)) / 1000 + 1;
  const range = ([least, most]: readonly [number, number]) =>
    least === most ? `${least}, held` : `${least} to ${most}`;
  return [
    `it would double the slots from ${start.slots}: ${ramp.join(', ')}, until that gains nothing;`,
    'narrow between the best and its neighbours, by the fitted curve;',
    `try CPUs (${range(bounds.cpus)}), batches (${range(bounds.batchSize)}) and delays (${range(bounds.batchDelayMs)} ms);`,
    "repeat what noise can't tell apart, and verify the winner.",
    `${mostTrials} trials at most, ${trialS.toFixed(0)} s each: ${Math.ceil((mostTrials * trialS) / 60)} minutes at most, half of that as a rule`,
    '',
  ].join('\n');
}

/** The search, its steps told, and what it found. Resolves with the exit code. */
export async function tuneErrand(errand: Errand, o: TuneOptions): Promise<number> {
  const { cluster, config, terminal: t, reports, context } = errand;
  context.environment.server = await serverNameOf(cluster);
  const knobs = new Knobs(cluster, config);
  const bounds = await knobs.bounds(o.search.bounds);
  const search = { ...o.search, bounds };
  if (o.dryRun) {
    t.write(dryRunText(search, o));
    return ExitCode.good;
  }
  // A room of its own has a page too, for as long as the tuning goes on.
  const room = cluster.control.own
    ? new FeedLink({ room: cluster.control.url, token: null, run: context.plan.run })
    : null;
  if (room && config.values.tell === null) reports.tellTo(room);
  t.write(`watch it: ${cluster.control.url.replace(/^ws/, 'http')}/\n`);
  const terms = termsOf(errand, o, search);
  const state = o.resume ? resumeTune(process.cwd(), terms) : { tuneVersion: 1 as const, terms, trials: [] };
  const tuning = new Tuning(errand, o, search, knobs, state);
  try {
    const found = await tuning.run();
    return finish(errand, o, tuning, found);
  } finally {
    await room?.close();
  }
}

function finish(errand: Errand, o: TuneOptions, tuning: Tuning, found: Found | null): number {
  const { terminal: t, reports } = errand;
  if (found === null) {
    if (tuning.last) reports.finish(tuning.last);
    t.write(`interrupted after ${tuning.history.length} trials; just tune --resume goes on\n`);
    return ExitCode.interrupted;
  }
  const front = paretoFront(o.goal, tuning.history);
  t.write(foundText(found, front, o.goal, t));
  const { winner, verified, stopped, book } = found;
  const { ratePerS } = verified.length > 0 ? meanOf(verified) : book.mean(winner)!;
  const trials = tuning.history.length;
  // Resumed after its end: nothing was measured this time.
  if (tuning.last) {
    reports.finish({ ...tuning.last, found: { winner, ratePerS, stopped, trials, front: [...front] } });
  }
  if (o.save) {
    const files = saveDefaults(process.cwd(), winner, new Date().toISOString().slice(0, 10));
    t.write(files.length > 0 ? `saved in ${files.join(' and ')}\n` : 'the compose files have these defaults already\n');
  }
  return ExitCode.good;
}

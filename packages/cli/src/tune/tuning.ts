// A search on a cluster that is up: asks what to try, has it measured, tells, until something is found.
//
//   nextStep(history) ─▶ TrialRunner ─▶ history, .jobstorm/tune.json, a line, the page ─▶ nextStep …
//
// Invariants: a trial that was not valid, or lost a worker, is marked and made again, and never judged by; what has measured is written
// down before the next trial begins.

import {
  describeGoal,
  type Found,
  fitCurve,
  kneeSlots,
  nextStep,
  type RunResult,
  type SearchOptions,
  scoreOf,
  type Trial,
  type TrialAsk,
} from '@jobstorm/loadtest';
import { JobstormError } from '@jobstorm/protocol';
import type { Errand } from '../run-command.ts';
import type { Knobs } from './knobs.ts';
import { type TrialOutcome, TrialRunner } from './trial-runner.ts';
import type { TuneConfig } from './tune-settings.ts';
import { saveTune, type TuneState } from './tune-state.ts';
import { expectedTrials, TrialText } from './tune-summary.ts';

/** A trial that can't be judged is made again so many times; then the cluster is not fit to be tuned. */
const mostAgain = 3;

type TrialTold = Pick<TrialAsk, 'setting' | 'stage'> & { why?: string };
type Measurement = Pick<TrialOutcome, 'measured' | 'intervalPerS'>;

export class Tuning {
  readonly #errand: Errand;
  readonly #search: SearchOptions;
  readonly #state: TuneState;
  readonly #runner: TrialRunner;
  readonly #text: TrialText;
  readonly #startMs = performance.now();
  #number: number;
  #last: RunResult | null = null;

  constructor(errand: Errand, tune: TuneConfig['tune'], search: SearchOptions, knobs: Knobs, state: TuneState) {
    this.#errand = errand;
    this.#search = search;
    this.#state = state;
    this.#number = state.trials.length;
    this.#runner = new TrialRunner({ errand, tune, knobs, atS: () => this.#atS });
    this.#text = new TrialText(search, errand.terminal);
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

  /** The result of the trial that was measured last; null: none was this time. */
  get last(): RunResult | null {
    return this.#last;
  }

  /** null: interrupted. @throws JobstormError ETUNE */
  async run(): Promise<Found | null> {
    for (const [at, trial] of this.history.entries()) {
      const { intervalPerS = null } = trial;
      this.#tell(at + 1, trial, { ...trial, intervalPerS }, 'of before');
    }
    for (;;) {
      const step = nextStep(this.#search, this.history);
      if ('found' in step) return step.found;
      if (this.#isOff) return null;
      const outcome = await this.#trial(step.ask);
      if (outcome === null) return null;
      const { setting, stage } = step.ask;
      const { measured, intervalPerS, endedEarly } = outcome;
      this.#state.trials.push({ setting, stage, measured, intervalPerS, ...(endedEarly ? { endedEarly } : {}) });
      saveTune(process.cwd(), this.#state);
      this.#tellCurve();
    }
  }

  /** null: interrupted. */
  async #trial(ask: TrialAsk): Promise<TrialOutcome | null> {
    const whys: string[] = [];
    while (whys.length < mostAgain) {
      const number = ++this.#number;
      this.#tell(number, ask, null, whys.length === 0 ? '' : 'again: the one before could not be judged');
      const outcome = await this.#measured(ask);
      if (outcome === null) return null;
      this.#last = outcome.result;
      const { why } = outcome;
      const note = why ?? (outcome.endedEarly ? 'lost: ended early' : ask.stage === 'verify' ? ask.why : '');
      this.#tell(number, ask, outcome, note, why === null ? 'measured' : 'repeated');
      this.#errand.terminal.write(this.#text.line(number, this.#of, ask, outcome));
      if (why === null) return outcome;
      whys.push(why);
    }
    throw new JobstormError('ETUNE', `${mostAgain} trials in a row could not be judged; the last one: ${whys.at(-1)}`);
  }

  /** What fails because ctrl-C has ended it is no failure. null: interrupted. */
  async #measured(ask: TrialAsk): Promise<TrialOutcome | null> {
    try {
      return await this.#runner.run(ask);
    } catch (error) {
      if (this.#isOff) return null;
      throw error;
    }
  }

  /** How many there will be, about. */
  get #of(): number {
    return Math.max(this.#number, expectedTrials(this.#search));
  }

  #tell(
    number: number,
    { setting, stage, why = '' }: TrialTold,
    outcome: Measurement | null,
    note: string,
    state: 'running' | 'measured' | 'repeated' = outcome ? 'measured' : 'running',
  ): void {
    const { reports } = this.#errand;
    const { measured = null, intervalPerS = null } = outcome ?? {};
    const goal = describeGoal(this.#search.goal);
    const score = measured && scoreOf(this.#search.goal, measured);
    const told = { setting, stage, why, state, measured, intervalPerS, goal, score, note };
    reports.tell({ type: 'trial', number, of: this.#of, ...told });
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

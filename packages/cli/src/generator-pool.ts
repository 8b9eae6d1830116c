// The generator's side of a run in several processes: each sends a stripe of the jobs, and what they count and measure is added up.
// Invariant: every job is in one stripe; jobs of a generator that ended in the middle are uncertain, and none is sent by another in its place.

import {
  emptyTotals,
  ownBelow,
  type RunPlan,
  sumTotals,
  type TotalsData,
  totalsData,
  totalsOfLost,
} from '@jobstorm/loadtest';
import { JobstormError } from '@jobstorm/protocol';
import { epochUs, Histogram } from '@jobstorm/telemetry';
import type { ChildPart } from './child-part.ts';
import type { FromGenerator, GeneratorResult, GeneratorTask, ToGenerator } from './generator-talk.ts';
import type { LoopDelay } from './loop-watch.ts';
import type { Nest } from './nest.ts';
import type { Submission, SubmissionOptions, SubmitPhases } from './submission.ts';

/** Until planned times begin, in microseconds: every generator has heard of them by then. */
const leadUs = 50_000;
const openWithinMs = 10_000;
/** After they were told that it is enough. */
const endWithinMs = 5000;

/** Jobs that stay together: in a closed run as many as fill a request, in an open one as few as let all generators have some due. */
function blockOf({ via, ratePerS }: RunPlan): number {
  if (ratePerS !== null) return 50;
  return via === 'direct' ? 500 : 1000;
}

/** One process and what it said last. */
class Generator {
  readonly part: ChildPart;
  readonly #task: GeneratorTask;
  /** Jobs of its own. */
  readonly #share: number;
  last: TotalsData = totalsData(emptyTotals());
  result: GeneratorResult | null = null;

  constructor(part: ChildPart, task: GeneratorTask, share: number) {
    this.part = part;
    this.#task = task;
    this.#share = share;
  }

  say(message: ToGenerator): void {
    this.part.tell(message);
  }

  /** Settles when its connections are up. @throws JobstormError with its reason when they can't be made */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => done(new JobstormError('EPART', 'a generator did not open in time')),
        openWithinMs,
      );
      const deaf = this.part.hear((message: FromGenerator) => {
        if (message.type === 'open') done(null);
        if (message.type === 'failed') done(new JobstormError(message.code, message.message));
      });
      const done = (error: Error | null) => {
        clearTimeout(timer);
        deaf();
        if (error) reject(error);
        else resolve();
      };
      void this.part.exited.then(() => done(new JobstormError('EPART', 'a generator ended before it was open')));
      this.say({ type: 'open', task: this.#task });
    });
  }

  /** Settles when it is done or gone. `changed` hears of its totals. */
  go(startUs: number, changed: () => void): Promise<void> {
    return new Promise((resolve) => {
      const deaf = this.part.hear((message: FromGenerator) => {
        if (message.type === 'totals') this.last = message.totals;
        if (message.type === 'done') this.result = message.result;
        if (this.result) this.last = this.result.totals;
        changed();
        if (this.result) over();
      });
      const over = () => {
        deaf();
        resolve();
      };
      void this.part.exited.then(() => {
        if (this.result) return;
        this.last = totalsOfLost(this.last, this.#share, this.part.unexpectedEnd ?? 'a generator was ended');
        changed();
        over();
      });
      this.say({ type: 'go', startUs });
    });
  }
}

export interface GeneratorPool extends Submission {
  readonly parts: readonly ChildPart[];
  /** The worst of them; null: none is done. */
  loopDelay(): LoopDelay | null;
}

function mergePhases(generators: readonly Generator[], phases: SubmitPhases): void {
  for (const { result } of generators) {
    if (!result) continue;
    phases.submit.mergeData(result.submit);
    if (result.sendLag) phases.sendLag?.mergeData(result.sendLag);
  }
}

/** @throws JobstormError when one can't start or can't reach where jobs go */
export async function openGenerators(o: SubmissionOptions, count: number, nest: Nest): Promise<GeneratorPool> {
  const { plan, address, apiUrl, bearer, perRequest } = o;
  const generators = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const stripe = { index, of: count, block: blockOf(plan) };
      const part = await nest.start('generator', [], {});
      const task = { plan, address, apiUrl, bearer, perRequest, stripe };
      return new Generator(part, task, ownBelow(stripe, plan.jobs));
    }),
  );
  await Promise.all(generators.map((generator) => generator.open()));
  const totals = emptyTotals();
  const phases: SubmitPhases = {
    submit: new Histogram(),
    ...(plan.ratePerS === null ? {} : { sendLag: new Histogram() }),
  };
  const add = () =>
    void sumTotals(
      generators.map(({ last }) => last),
      totals,
    );
  return {
    totals,
    phases,
    parts: generators.map(({ part }) => part),
    loopDelay: () => worstOf(generators.flatMap(({ result }) => (result ? [result.loopDelay] : []))),
    async start(signal) {
      let late: NodeJS.Timeout | undefined;
      const enough = () => {
        for (const generator of generators) generator.say({ type: 'enough' });
        late = setTimeout(() => {
          for (const { part, result } of generators) if (!result) part.kill();
        }, endWithinMs);
      };
      if (signal.aborted) enough();
      else signal.addEventListener('abort', enough, { once: true });
      const startUs = epochUs() + leadUs;
      await Promise.all(generators.map((generator) => generator.go(startUs, add)));
      signal.removeEventListener('abort', enough);
      clearTimeout(late);
      mergePhases(generators, phases);
    },
    async close() {
      await Promise.all(generators.map(({ part }) => part.stop(endWithinMs)));
    },
  };
}

function worstOf(delays: readonly LoopDelay[]): LoopDelay | null {
  if (delays.length === 0) return null;
  return { p99Ms: Math.max(...delays.map(({ p99Ms }) => p99Ms)), maxMs: Math.max(...delays.map(({ maxMs }) => maxMs)) };
}

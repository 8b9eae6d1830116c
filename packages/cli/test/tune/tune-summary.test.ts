import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextStep, paretoFront, type SearchOptions, type Setting, type Trial, type Verdict } from '@jobstorm/loadtest';
import { makeTerminal } from '../../src/terminal.ts';
import { dryRunText, foundText, shareOf, TrialText } from '../../src/tune/tune-summary.ts';

const t = makeTerminal({ write: () => {} }, {});
const goal = { kind: 'rate' } as const;
const start: Setting = { slots: 200, cpus: 2, processes: 2, batchSize: 100, batchDelayMs: 100 };
const search: SearchOptions = {
  goal,
  bounds: { slots: [100, 800], cpus: [2, 2], processes: [2, 2], batchSize: [100, 100], batchDelayMs: [100, 100] },
  start,
  mostTrials: 20,
};
const verdict: Verdict = {
  bottleneck: 'server',
  evidence: ['the queue grew'],
  advice: 'more of it',
  scaling: { worthwhile: false, why: '' } as unknown as Verdict['scaling'],
};

const measured = (ratePerS: number, p99Us: number) => ({ ratePerS, usedCores: 1, p99Us, bottleneck: 'slots' as const });

/** A search to its end, over what a setting gives; `drift`: by how much the machine is faster when the winner is verified. */
function searched(rateOf: (slots: number) => number, drift = 1) {
  const history: Trial[] = [];
  for (;;) {
    const step = nextStep(search, history);
    if ('found' in step) return { found: step.found, history };
    const { setting, stage } = step.ask;
    const factor = stage === 'verify' ? drift : 1;
    history.push({ setting, stage, measured: measured(factor * rateOf(setting.slots), 100 * setting.slots) });
  }
}

function textOf(run: ReturnType<typeof searched>, more: Partial<Parameters<typeof foundText>[0]> = {}): string {
  const front = paretoFront(goal, run.history);
  return foundText({ ...run, front, goal, verdict, search, workers: 1, hasBatches: true, t, ...more });
}

describe('what a tuning says it found', () => {
  const plateau = (slots: number) => Math.min(4000, 20 * slots);

  it('names the setting, why it stopped, what limits with its evidence, and the lines to paste', () => {
    const text = textOf(searched(plateau));
    assert.match(text, /^found: 2\d\d slots, 2 CPUs, 2 processes, 100 jobs a batch, 100 ms delay$/m);
    assert.match(text, /^ {2}limit now server: the queue grew$/m);
    assert.match(text, /^ {2}stopped {3}no neighbour of the best setting is better by more than noise; \d+ trials$/m);
    assert.match(text, /^just worker 2\d\d 2\.0$/m);
    assert.match(text, /^BATCH_MAX_SIZE=100 BATCH_MAX_DELAY_MS=100 just server$/m);
    assert.doesNotMatch(text, /verified slower|verified faster/);
  });

  it('says that the winner is the cheapest of what is as good, and what it was as good as', () => {
    // A little more with each slot: nothing that noise could tell.
    const text = textOf(searched((slots) => plateau(slots) * (1 + slots * 1e-6)));
    assert.match(text, /^ {2}why {7}the cheapest of what is as good: .*\d+ slots, within noise$/m);
  });

  it('does not hide that the machine was another one when it was verified', () => {
    assert.match(textOf(searched(plateau, 0.6)), /^ {2}verified slower by 40% than in the search: something else/m);
    assert.match(textOf(searched(plateau, 1.5)), /^ {2}verified faster by 50% than in the search/m);
  });

  it('lists trade-offs: fewer slots with a lower p99 stay beside the highest rate', () => {
    const text = textOf(searched((slots) => 20 * slots));
    assert.match(text, /^trade-offs: .*\n {2}800 slots.*\n( {2}\d+ slots.*\n)+/m);
  });

  it('divides between workers, and leaves batches out where none were tuned', () => {
    const text = textOf(searched(plateau), { workers: 2, hasBatches: false });
    assert.match(text, /^just worker 1\d\d 1\.0 {3}\(on each of the 2 workers\)$/m);
    assert.doesNotMatch(text, /BATCH_MAX/);
    assert.deepEqual(shareOf({ ...start, slots: 101, cpus: 3 }, 2), { ...start, slots: 51, cpus: 1.5 });
  });
});

it('a line of a trial has what moves, the interval, and how it ended', () => {
  const text = new TrialText(search, t);
  const ask = { setting: start, stage: 'ramp' as const, why: 'twice the slots', lostBelow: 0 };
  const outcome = {
    measured: measured(4000, 12_000),
    result: {} as never,
    intervalPerS: [3900, 4100] as [number, number],
    endedEarly: false,
    why: null,
  };
  assert.equal(
    text.line(3, 24, ask, outcome),
    'trial  3 of ~24  200 slots: 4,000/s ±3%, p99 12.0 ms, 4,000 a core, limit: slots  (twice the slots)\n',
  );
  assert.match(text.line(3, 24, ask, { ...outcome, endedEarly: true }), /limit: slots; lost: ended early {2}\(/);
  assert.match(text.line(3, 24, ask, { ...outcome, why: 'a worker left' }), /200 slots: again, since a worker left\n$/);
});

it('a dry run says what would be tried and how long that takes', () => {
  const tune = { windowMs: 5000, settleMs: 1000, latencyMs: 1500, goal } as never;
  assert.match(
    dryRunText(search, tune),
    /from 200: 200, 400, 800, until.*\n[\s\S]*CPUs \(2, held\)[\s\S]*20 trials at most, 9 s each: 3 minutes/,
  );
  assert.match(
    dryRunText({ ...search, gridSteps: 2 }, tune),
    /each of the 7 settings of the grid .*: 9 s each, 2 minutes\n$/,
  );
});

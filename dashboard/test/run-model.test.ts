import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunModel } from '../src/run-model.ts';
import { duration, percent, short, time, whole } from '../web/format.ts';

const counts = (completed: number) => ({ submitted: completed, completed, failed: 0 });
const sample = (atS: number, completed: number, p99: number | null = 4000) => ({
  type: 'sample',
  atS,
  lengthS: 0.5,
  counts: counts(completed),
  latencyUs: p99 === null ? null : { p50: 1000, p95: 2000, p99, max: 9000, count: completed },
  queueDepth: 7,
  slots: { total: 2000, running: 12 },
  parts: { workers: { usedCores: 1.5, capCores: 2, throttledShare: null }, api: null, server: null, generator: null },
});

function told(lines: readonly unknown[]): RunModel {
  const model = new RunModel('r1');
  for (const line of lines) model.add(line);
  return model;
}

describe('a run as the page draws it', () => {
  it('has a column entry for each sample, null where nothing was measured', () => {
    const run = told([{ type: 'header' }, sample(0.5, 100), sample(1, 300, null)]);
    assert.deepEqual(run.times, [0.5, 1]);
    assert.deepEqual(run.rates('completed'), [200, 600]);
    assert.deepEqual(run.latencies('p99'), [4, null]);
    assert.deepEqual(run.cores('workers'), [1.5, 1.5]);
    assert.deepEqual(run.cores('server'), [null, null]);
    assert.equal(run.recentRate(0.5), 600);
    assert.equal(run.recentRate(10), 400);
    assert.equal(run.latestLatency?.p99, 4000);
    assert.equal(run.total('completed'), 400);
    assert.equal(run.lines, 3);
  });

  it('passes over lines that it does not know, and counts them', () => {
    const run = told([{ type: 'header' }, { type: 'of a later version', x: 1 }]);
    assert.equal(run.lines, 2);
    assert.equal(run.samples.length, 0);
  });

  it('keeps the latest of what is said of a trial, and knows the best one', () => {
    const setting = { slots: 500, cpus: 2, processes: 2, batchSize: 100, batchDelayMs: 100 };
    const trial = (number: number, state: string, ratePerS: number | null) => ({
      type: 'trial',
      number,
      of: 9,
      setting: { ...setting, slots: number * 500 },
      state,
      measured: ratePerS === null ? null : { ratePerS, usedCores: 1, p99Us: null, bottleneck: 'slots' },
    });
    const run = told([
      trial(1, 'running', null),
      trial(1, 'measured', 900),
      trial(2, 'measured', 1700),
      trial(3, 'repeated', 2000),
      trial(4, 'running', null),
    ]);
    assert.equal(run.trials.size, 4);
    assert.equal(run.bestTrial?.number, 2);
    run.add({
      type: 'end',
      result: { found: { winner: { ...setting, slots: 500 }, ratePerS: 950, stopped: 'cheaper' } },
    });
    assert.equal(run.bestTrial?.number, 1, 'what was found need not be the fastest');
  });

  it('goes by the goal of the tuning for the best trial so far, not by the rate', () => {
    const setting = { slots: 500, cpus: 2, processes: 2, batchSize: 100, batchDelayMs: 100 };
    const trial = (number: number, ratePerS: number, score: number) => ({
      type: 'trial',
      number,
      of: 9,
      setting,
      state: 'measured',
      measured: { ratePerS, usedCores: 1, p99Us: 60_000, bottleneck: 'slots' },
      score,
    });
    assert.equal(told([trial(1, 900, 900), trial(2, 1700, 140), trial(3, 800, 800)]).bestTrial?.number, 1);
  });

  it('ends with its result and that verdict', () => {
    const verdict = { bottleneck: 'server', evidence: [], advice: 'just worker 4000' };
    const run = told([{ type: 'header' }, { type: 'end', result: { verdict, jobs: {} } }]);
    assert.equal(run.ended, true);
    assert.equal(run.verdict?.bottleneck, 'server');
  });

  it('is given away as CSV, a row a sample', () => {
    const busy = { ...sample(0.5, 100), network: { inPerS: 2e6, outPerS: 1_500_000 } };
    const rows = told([{ type: 'header' }, busy, sample(1, 300, null)])
      .csv()
      .trimEnd()
      .split('\n');
    assert.equal(rows.length, 3);
    const [head, first] = rows.map((row) => row.split(','));
    assert.equal(head!.length, first!.length);
    assert.equal(first![head!.indexOf('completedPerS')], '200.0');
    assert.equal(first![head!.indexOf('workersCores')], '1.5');
    const network = ['networkInMBPerS', 'networkOutMBPerS'].map((name) => head!.indexOf(name));
    assert.deepEqual(
      network.map((at) => first![at]),
      ['2.000', '1.500'],
    );
  });
});

describe('figures for people', () => {
  it('have their unit, and a dash where nothing is known', () => {
    assert.equal(whole(28_140.4), '28,140');
    assert.equal(short(0.01234), '0.0123');
    assert.equal(duration(340), '340 µs');
    assert.equal(duration(11_240), '11.2 ms');
    assert.equal(duration(1_340_000), '1.34 s');
    assert.equal(percent(0.125), '12.5 %');
    assert.equal(time(725), '12 min 5 s');
    for (const none of [whole(null), short(undefined), duration(null), percent(Number.NaN), time(null)])
      assert.equal(none, '–');
  });
});

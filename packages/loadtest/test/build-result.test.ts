import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResult } from '../src/build-result.ts';
import { exitCodeOf, type RunResult } from '../src/result.ts';
import { parseThreshold } from '../src/thresholds.ts';
import { noCounts } from '../src/timeline.ts';
import { aPlan, histogramOf, someMeasured } from './fixtures.ts';

/** Dotted paths of every null in a result. */
function nullPaths(value: unknown, path = ''): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  return Object.entries(value as object).flatMap(([key, inner]) =>
    nullPaths(inner, path === '' ? key : `${path}.${key}`),
  );
}

function everyNullHasItsReason(result: RunResult): void {
  const { config: _, thresholds: __, notMeasured, ...rest } = result;
  for (const path of nullPaths(rest)) assert.ok(notMeasured[path], `${path} is null without a reason`);
  for (const path of Object.keys(notMeasured))
    assert.ok(nullPaths(rest).includes(path), `${path} has a reason but is measured`);
}

test('a complete run: every figure of the contract', () => {
  const result = buildResult(someMeasured());
  assert.deepEqual(result.jobs, {
    submitted: 1000,
    accepted: 1000,
    completed: 1000,
    failed: 0,
    retried: 0,
    lost: 0,
    duplicated: 0,
    unexpected: 0,
  });
  assert.deepEqual(result.queue, { depthMax: 100, depthEnd: 0, slopePerS: null });
  assert.deepEqual(result.throughput, { submitPerS: 10_000, completePerS: 2000, steadyWindowS: null });
  assert.deepEqual(result.latencyUs.endToEnd, {
    p50: 2000,
    p90: 3000,
    p95: 3000,
    p99: 3000,
    p999: null,
    max: 3000,
    count: 3,
  });
  assert.equal(result.cost.workerCoreSecondsPer1kJobs, 0.1);
  assert.equal(result.cost.serverRssBytes, 50_000_000);
  assert.deepEqual(
    [result.cpu.workers?.usedCores, result.cpu.workers?.capCores, result.cpu.workers?.percentOfCap],
    [0.2, 2, 10],
  );
  assert.equal(result.verdict.bottleneck, 'too-short');
  assert.equal(result.valid, true, result.invalidBecause.join());
  assert.equal(exitCodeOf(result, false), 0);
  everyNullHasItsReason(result);
});

test('p99.9 from 10,000 values on, and below that why not', () => {
  const times = (n: number) => histogramOf(...Array.from({ length: n }, (_, at) => at + 1));
  const { phases } = someMeasured();
  const result = buildResult(someMeasured({ phases: { ...phases, endToEnd: times(10_000), submit: times(9_999) } }));
  assert.equal(result.latencyUs.endToEnd?.p999, 9991);
  assert.equal(result.latencyUs.submit?.p999, null);
  assert.match(result.notMeasured['latencyUs.submit.p999']!, /10000 values/);
});

test('a steady run: the window is marked, and rate and latency have intervals', () => {
  const counts = [50, ...Array.from({ length: 40 }, (_, at) => 100 + (at % 3)), 50];
  const { done } = someMeasured();
  const firstBucket = done.series!.firstBucket;
  const stretches = Array.from({ length: 8 }, (_, at) => ({
    lengthS: 0.5,
    counts: { ...noCounts },
    latency: histogramOf(1000 + at, 2000, 3000),
  }));
  const result = buildResult(
    someMeasured({ done: { ...done, series: { bucketMs: 100, firstBucket, counts } }, stretches }),
  );
  const { steadyWindow, completePerS, latencyUs } = result.precision;
  assert.deepEqual(steadyWindow, { startMs: (firstBucket + 1) * 100, endMs: (firstBucket + 41) * 100, jobs: 4039 });
  assert.ok(completePerS!.low <= 1009.75 && completePerS!.high >= 1009.75 && completePerS!.spread! > 0);
  assert.deepEqual([latencyUs?.p50.batches, latencyUs?.p50.low, latencyUs?.p50.high], [8, 2000, 2000]);
  everyNullHasItsReason(result);
});

test('throttling is told where it is known, and otherwise why not', () => {
  const { parts } = someMeasured();
  const server = { ...parts.server, capCores: 2, throttledShare: 0.25, hostCores: 2, oneThread: false };
  const workers = { ...parts.workers, whyNotThrottled: 'only 1 of 2 workers tell' };
  const result = buildResult(someMeasured({ parts: { ...parts, server, workers } }));
  assert.equal(result.cpu.server?.throttledShare, 0.25);
  assert.equal(result.notMeasured['cpu.workers.throttledShare'], 'only 1 of 2 workers tell');
  assert.match(result.notMeasured['cpu.api.throttledShare']!, /no CPU quota/);
  everyNullHasItsReason(result);
});

test('a server at its quota and workers that were throttled get into the verdict', () => {
  const measured = someMeasured();
  measured.done.lastAckUs = measured.totals.firstSendUs + 5e6;
  const { parts } = measured;
  const server = { ...parts.server, capCores: 2, throttledShare: 0.4, oneThread: false };
  assert.equal(buildResult({ ...measured, parts: { ...parts, server } }).verdict.bottleneck, 'server');
  const workers = { ...parts.workers, throttledShare: 0.6 };
  assert.equal(buildResult({ ...measured, parts: { ...parts, workers } }).verdict.bottleneck, 'throttling');
});

test('with a steady window the rate is the window’s', () => {
  const measured = someMeasured();
  measured.done.series = { bucketMs: 100, firstBucket: 17_000_000_000_000, counts: [9, ...new Array(20).fill(50), 9] };
  const result = buildResult(measured);
  assert.deepEqual([result.throughput.completePerS, result.throughput.steadyWindowS], [500, 2]);
});

test('between hosts with clocks of their own the rate counts from the first FETCH', () => {
  const result = buildResult(someMeasured({ sameClock: false }));
  assert.equal(result.throughput.completePerS, 1000 / 0.499);
});

test('a server that nobody can see into is null with its reason, never 0', () => {
  const measured = someMeasured();
  measured.parts.server = { usage: null, capCores: null, reason: 'it runs on another host' };
  const result = buildResult(measured);
  assert.deepEqual(
    [result.cpu.server, result.cost.serverCoreSecondsPer1kJobs, result.cost.serverRssBytes],
    [null, null, null],
  );
  assert.equal(result.notMeasured['cpu.server'], 'it runs on another host');
  everyNullHasItsReason(result);
});

test('--via direct has no batch phases', () => {
  const measured = someMeasured({ plan: aPlan({ via: 'direct' }) });
  const { accept: _, batchWait: __, push: ___, ...phases } = measured.phases;
  const result = buildResult({ ...measured, phases });
  for (const phase of ['accept', 'batchWait', 'push'] as const) {
    assert.equal(result.latencyUs[phase], null);
    assert.match(result.notMeasured[`latencyUs.${phase}`]!, /without the API/);
  }
});

test('missing jobs are lost: 112', () => {
  const measured = someMeasured({ end: 'outOfPatience' });
  measured.done.completed = 990;
  const result = buildResult(measured);
  assert.equal(result.jobs.lost, 10);
  assert.equal(exitCodeOf(result, false), 112);
});

test('jobs that failed for good are not lost; those that may be retried are', () => {
  for (const [retry, lost] of [
    [0, 0],
    [1, 10],
  ] as const) {
    const measured = someMeasured({ plan: aPlan({ retry }), end: 'outOfPatience' });
    Object.assign(measured.done, { completed: 990, failed: 10 });
    assert.equal(buildResult(measured).jobs.lost, lost);
  }
});

test('duplicates: 112; more completions than jobs are unexpected', () => {
  const measured = someMeasured();
  Object.assign(measured.done, { duplicated: 1, completed: 1003 });
  const result = buildResult(measured);
  assert.deepEqual([result.jobs.duplicated, result.jobs.unexpected, exitCodeOf(result, false)], [1, 3, 112]);
});

test('an interrupted run claims no loss: 105', () => {
  const measured = someMeasured({ end: 'interrupted' });
  measured.done.completed = 10;
  const result = buildResult(measured);
  assert.equal(result.jobs.lost, null);
  assert.match(result.notMeasured['jobs.lost']!, /interrupted/);
  assert.equal(exitCodeOf(result, true), 105);
  everyNullHasItsReason(result);
});

test('a missing worker: not valid, 111', () => {
  const result = buildResult(someMeasured({ workersAtStart: 0 }));
  assert.equal(result.valid, false);
  assert.equal(exitCodeOf(result, false), 111);
});

test('thresholds: 99 when one fails, 111 when a rate is judged without a steady window', () => {
  const late = buildResult(someMeasured({ thresholds: [parseThreshold('latency.p99<1ms')] }));
  assert.equal(exitCodeOf(late, false), 99);
  const fine = buildResult(someMeasured({ thresholds: [parseThreshold('latency.p99<1s')] }));
  assert.equal(exitCodeOf(fine, false), 0);
  const rate = buildResult(someMeasured({ thresholds: [parseThreshold('completePerS>1')] }));
  assert.equal(exitCodeOf(rate, false), 111);
});

test('nothing measured at all: everything null has its reason', () => {
  const nothing = { usage: null, capCores: null };
  const result = buildResult(
    someMeasured({
      phases: {},
      depths: [],
      slots: null,
      parts: { generator: nothing, api: nothing, server: nothing, workers: nothing },
      done: {
        completed: 0,
        failed: 0,
        retried: 0,
        duplicated: 0,
        unexpected: 0,
        firstFetchUs: null,
        lastAckUs: null,
        series: null,
      },
    }),
  );
  everyNullHasItsReason(result);
  assert.equal(result.throughput.completePerS, null);
});

test('a run whose workers were held back counts from their first FETCH, and says how long the backlog took', () => {
  const { done } = someMeasured();
  const us = done.firstFetchUs!;
  const tides = [{ jobs: 1000, firstSendUs: us - 9e6, builtUs: us, depth: 990, drainedUs: us + 500_000 }];
  const series = { ...done.series!, counts: [1000] };
  const held = { plan: aPlan({ held: true }), tides, done: { ...done, lastAckUs: us + 500_000, series } };
  const { throughput, load } = buildResult(someMeasured(held));
  assert.equal(throughput.completePerS, 2000);
  assert.deepEqual(load, {
    model: 'closed',
    held: true,
    measured: 'both',
    tides: [{ jobs: 1000, buildS: 9, depth: 990, drainS: 0.5 }],
  });
});

test('of a run that measures one part only, the other one is null with its reason', () => {
  const enqueue = buildResult(someMeasured({ plan: aPlan({ held: true, measured: 'enqueue' }) }));
  assert.equal(enqueue.throughput.submitPerS, 10_000);
  assert.equal(enqueue.throughput.completePerS, null);
  assert.match(enqueue.notMeasured['throughput.completePerS']!, /--phase enqueue/);
  assert.deepEqual([enqueue.latencyUs.submit?.count, enqueue.latencyUs.service], [1, null]);
  const process = buildResult(someMeasured({ plan: aPlan({ held: true, measured: 'process' }) }));
  assert.deepEqual(
    [process.throughput.submitPerS, process.latencyUs.submit, process.latencyUs.service?.count],
    [null, null, 1],
  );
  assert.match(process.notMeasured['latencyUs.submit']!, /--phase process/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenThreshold } from '../src/threshold-abort.ts';
import { judgesRate, judgeThresholds, parseThreshold } from '../src/thresholds.ts';
import { noCounts } from '../src/timeline.ts';
import { histogramOf } from './fixtures.ts';

const result = {
  throughput: { completePerS: 70_000, submitPerS: null },
  latencyUs: { endToEnd: { p99: 40_000, count: 7 }, ack: { p50: 900 } },
  jobs: { lost: 0 },
  cpu: { workers: { usedCores: 1.5 } },
};
const judged = (text: string) => judgeThresholds([parseThreshold(text)], result)[0]!;

test('short names, units and full paths', () => {
  assert.deepEqual(judged('completePerS>60000'), { expression: 'completePerS>60000', value: 70_000, passed: true });
  assert.equal(judged('completePerS > 70000').passed, false);
  assert.equal(judged('completePerS>=7e4').passed, true);
  assert.deepEqual([judged('latency.p99<50ms').passed, judged('latency.p99<39.9ms').passed], [true, false]);
  assert.equal(judged('latency.ack.p50<1ms').passed, true);
  assert.equal(judged('latencyUs.endToEnd.p99<=40000').passed, true);
  assert.equal(judged('lost==0').passed, true);
  assert.equal(judged('lost!=0').passed, false);
  assert.equal(judged('cpu.workers.usedCores<2').passed, true);
});

test('what was not measured fails', () => {
  assert.deepEqual(judged('submitPerS>1'), { expression: 'submitPerS>1', value: null, passed: false });
  assert.equal(judged('latency.push.p50<1s').passed, false);
});

test('what is no threshold is refused with the text', () => {
  for (const text of [
    '',
    'speed>3',
    'completePerS',
    'completePerS>fast',
    'completePerS>3ms',
    'latency.p42<3ms',
    'latency.p99<<3',
  ]) {
    assert.throws(() => parseThreshold(text), { code: 'ETHRESHOLD' }, text);
  }
});

const stretch = (completed: number, latencyUs: number[], failed = 0) => ({
  lengthS: 0.5,
  counts: { ...noCounts, completed, accepted: completed, failed },
  latency: latencyUs.length > 0 ? histogramOf(...latencyUs) : null,
});

test('over windows: the worst one counts, percentiles are of all its jobs, and what is left at the end is none', () => {
  const quiet = stretch(100, [1000, 1000, 1000]);
  const slow = stretch(40, [9000]);
  const run = [stretch(0, []), quiet, quiet, slow, quiet, quiet, quiet, stretch(1, [90_000])];
  const of = (text: string) => judgeThresholds([parseThreshold(text)], {}, run)[0]!;
  assert.deepEqual(of('completePerS>150@1s'), { expression: 'completePerS>150@1s', value: 140, passed: false });
  assert.equal(of('completePerS>130@1s').passed, true);
  assert.deepEqual([of('latency.max<8ms@1s').value, of('latency.p50<8ms@1s').value], [9000, 1000]);
  assert.equal(of('latency.p50<2ms@1500ms').passed, true);
  assert.equal(of('failed==0@1s').value, 0);
  assert.deepEqual([of('completePerS>1@10s').value, of('completePerS>1@10s').passed], [null, false], 'no whole window');
});

test('windows that make no sense are refused', () => {
  for (const text of [
    'completePerS>1@',
    'completePerS>1@10',
    'completePerS>1@0.5s',
    'lost==0@10s',
    'latency.ack.p50<1ms@10s',
  ]) {
    assert.throws(() => parseThreshold(text), { code: 'ETHRESHOLD' }, text);
  }
});

test('broken while it goes on: whole windows, counts that only grow, and the rest from 5 s on', () => {
  const times = (n: number) => Array.from({ length: n }, () => stretch(100, [1000], 1));
  const broken = (text: string, n: number) =>
    brokenThreshold([parseThreshold('completePerS>1'), parseThreshold(text)], {
      stretches: times(n),
      latency: histogramOf(1000),
    })?.expression ?? null;
  assert.deepEqual([broken('completePerS>300@2s', 3), broken('completePerS>300@2s', 4)], [null, 'completePerS>300@2s']);
  assert.deepEqual([broken('completePerS>300', 9), broken('completePerS>300', 10)], [null, 'completePerS>300']);
  assert.deepEqual([broken('failed<3', 2), broken('failed<3', 3), broken('failed>30', 3)], [null, 'failed<3', null]);
  assert.deepEqual([broken('latency.p99<1ms', 9), broken('latency.p99<1ms', 10)], [null, 'latency.p99<1ms']);
  assert.equal(broken('cpu.workers.usedCores<1', 100), null, 'what is not known yet breaks nothing');
});

test('which thresholds judge a rate', () => {
  assert.equal(judgesRate([parseThreshold('completePerS>1')]), true);
  assert.equal(judgesRate([parseThreshold('latency.p99<1s'), parseThreshold('lost==0')]), false);
});

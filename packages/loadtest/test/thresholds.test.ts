import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgesRate, judgeThresholds, parseThreshold } from '../src/thresholds.ts';

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

test('which thresholds judge a rate', () => {
  assert.equal(judgesRate([parseThreshold('completePerS>1')]), true);
  assert.equal(judgesRate([parseThreshold('latency.p99<1s'), parseThreshold('lost==0')]), false);
});

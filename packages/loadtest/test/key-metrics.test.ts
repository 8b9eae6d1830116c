import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResult } from '../src/build-result.ts';
import { celeryTable, keyFigures, turbineTable } from '../src/key-metrics.ts';
import { mixFailsForGood } from '../src/mix.ts';
import { readyScenario, readyScenarios } from '../src/ready-scenarios.ts';
import { someMeasured } from './fixtures.ts';

const byName = (figures: ReturnType<typeof keyFigures>) =>
  Object.fromEntries(figures.map(({ metric, value, met }) => [metric.name, [value, met]]));

test('Turbine’s table: each figure of the run beside its target', () => {
  const result = buildResult(someMeasured());
  assert.deepEqual(byName(keyFigures(turbineTable, result, 2)), {
    'submission rate': [10_000, true],
    'task latency (p95)': [result.latencyUs.endToEnd!.p95, true],
    'throughput of a worker': [result.throughput.completePerS! / 2, true],
    'memory of a worker': [25_000_000, true],
    'queue lag (p99)': [300, true],
    'success rate': [1, true],
  });
  const worse = { ...result, jobs: { ...result.jobs, completed: 980 } };
  assert.deepEqual(byName(keyFigures(turbineTable, worse, 2))['success rate'], [0.98, false]);
});

test('what was not measured is not judged', () => {
  const result = buildResult(someMeasured({ phases: {} }));
  assert.deepEqual(byName(keyFigures(turbineTable, result, 0))['task latency (p95)'], [null, null]);
  assert.deepEqual(byName(keyFigures(turbineTable, result, 0))['memory of a worker'], [null, null]);
});

test('the table of the comparison takes its times from the backlog that was built and drained', () => {
  const tides = [{ jobs: 1000, firstSendUs: 1e6, builtUs: 3e6, depth: 1000, drainedUs: 7e6 }];
  const figures = byName(keyFigures(celeryTable, buildResult(someMeasured({ tides })), 1));
  assert.deepEqual(
    [figures.enqueue, figures.processing],
    [
      [2, null],
      [4, null],
    ],
  );
});

test('every ready scenario has a name of its own and jobs whose failures can be counted', () => {
  assert.equal(new Set(readyScenarios.map(({ name }) => name)).size, readyScenarios.length);
  for (const { name, kinds } of readyScenarios) {
    assert.equal(readyScenario(name)?.name, name);
    assert.ok(kinds.length > 0 && mixFailsForGood(kinds) !== null, name);
  }
  assert.equal(readyScenario('nosuch'), null);
});

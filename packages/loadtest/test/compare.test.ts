import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesBetween, faultsForComparison } from '../src/comparable.ts';
import { compareResults, type Finding } from '../src/compare.ts';
import { joinRepeats, medianRun, summariseRepeats } from '../src/repeats.ts';
import type { RunResult } from '../src/result.ts';
import { normals } from './noise.ts';
import { type Simulated, simulate } from './simulated.ts';

/** Repeats of 10 s, each of which has a level of its own, and neighbours within it are alike. */
const repeated: Simulated = {
  noise: { within: 0.1, alike: 0.6, between: 0.025 },
  seconds: 10,
  repeats: 5,
  perS: 10_000,
};
/** A single run of 30 s on a quieter machine. */
const single: Simulated = { ...repeated, noise: { within: 0.03, alike: 0.7, between: 0.01 }, seconds: 30, repeats: 1 };

const pairs = 100;

/** What was said of so many pairs, of which b is `factor` times as fast. */
function findingsOf(s: Simulated & { pairs: number }, factor: number): Record<Finding, number> {
  const said = { same: 0, better: 0, worse: 0 };
  for (let seed = 0; seed < s.pairs; seed++) {
    const normal = normals(seed * 7919 + 1);
    const [a, b] = [simulate(s, normal), simulate({ ...s, perS: s.perS * factor }, normal)];
    said[compareResults(a, b).finding]++;
  }
  return said;
}

for (const [name, setting] of [
  ['five repeats each', { ...repeated, pairs }],
  ['five repeats each at a stated rate', { ...repeated, open: true, pairs }],
  ['single runs', { ...single, pairs }],
  ['single runs at a stated rate', { ...single, open: true, seconds: 20, pairs: 40 }],
] as const) {
  test(`${name}: equal ones are the same in 19 of 20, and 10% less is found in 19 of 20`, () => {
    const equal = findingsOf(setting, 1);
    assert.ok(equal.same >= 0.95 * setting.pairs, JSON.stringify(equal));
    const slower = findingsOf(setting, 0.9);
    assert.ok(slower.worse >= 0.95 * setting.pairs, JSON.stringify(slower));
  });
}

test('a faster one is better, and what is faster is named', () => {
  const found = compareResults(simulate(repeated, normals(1)), simulate({ ...repeated, perS: 13_000 }, normals(2)));
  const rate = found.figures.find(({ path }) => path === 'throughput.completePerS')!;
  assert.deepEqual([found.finding, rate.finding], ['better', 'better']);
  assert.ok(rate.lowPercent! > 0 && rate.lowPercent! < 30 && rate.highPercent! > 30, JSON.stringify(rate));
});

test('runs that took turns: what drifts reaches both and is no difference', () => {
  const drifting = Array.from({ length: 6 }, (_, at) => 10_000 * (1 - 0.08 * at));
  const each = (factor: number, seed: number) =>
    joinRepeats(
      drifting.map((perS) =>
        simulate(
          { ...repeated, noise: { ...repeated.noise, between: 0.005, within: 0.03 }, repeats: 1, perS: perS * factor },
          normals(seed + perS),
        ),
      ),
    );
  const [a, b] = [each(1, 1), each(0.9, 2)];
  assert.equal(compareResults(a, b).finding, 'same', 'the drift hides it');
  assert.equal(compareResults(a, b, true).finding, 'worse');
});

test('latency is judged only where a rate was stated, and what varies by an unknown measure not at all', () => {
  const [a, b] = [simulate(single, normals(1)), simulate(single, normals(2))];
  const of = (path: string, pair: readonly [RunResult, RunResult]) =>
    compareResults(...pair).figures.find((figure) => figure.path === path)!;
  assert.match(of('latencyUs.endToEnd.p99', [a, b]).because!, /includes the time in the queue/);
  const cost = of('cost.workerCoreSecondsPer1kJobs', [a, b]);
  assert.deepEqual([cost.finding, cost.lowPercent], [null, null]);
  assert.match(cost.because!, /--repeats/);
  const open = [
    simulate({ ...single, open: true }, normals(1)),
    simulate({ ...single, open: true }, normals(2)),
  ] as const;
  assert.equal(of('latencyUs.endToEnd.p99', open).finding, 'same');
});

test('a result without its precision (an older file) is shown and not judged', () => {
  const { precision: _, ...old } = simulate(single, normals(1));
  const found = compareResults(old as RunResult, old as RunResult);
  assert.equal(found.finding, 'same');
  assert.ok(found.figures.every(({ finding }) => finding === null));
});

test('other machines, servers or settings are named; where a result goes is no setting', () => {
  const a = simulate(single, normals(1));
  assert.deepEqual(differencesBetween(a, structuredClone(a)), []);
  const b = {
    ...a,
    environment: { ...a.environment, cpus: 64, server: 'Faktory 1.10.0 at tcp://10.0.0.1:7419' },
    config: { ...a.config, concurrency: 500, json: 'b.json' },
  };
  assert.deepEqual(differencesBetween(a, b), [
    'the machines differ: cpus 2 and 64',
    'the servers differ: server-node and Faktory 1.10.0 at tcp://10.0.0.1:7419',
    'the settings differ: concurrency null and 500',
  ]);
  const local = (port: number) => ({
    ...a,
    environment: { ...a.environment, server: `server-node, in memory, local 0.1.0 at tcp://127.0.0.1:${port}` },
  });
  assert.deepEqual(differencesBetween(local(4000), local(5000)), []);
});

test('a run that was too short or not valid is not to be compared', () => {
  const good = simulate(single, normals(1));
  assert.deepEqual(faultsForComparison(good), []);
  const short = { ...good, throughput: { ...good.throughput, steadyWindowS: null } };
  assert.match(faultsForComparison(short)[0]!, /no steady window/);
  const bad = { ...good, valid: false, invalidBecause: ['no worker'] };
  assert.match(faultsForComparison(bad)[0]!, /not valid: no worker/);
});

test('repeats: the median run stands for all, each figure has its range, and faults are named by run', () => {
  const all = [3, 1, 2].map((k) => simulate({ ...single, perS: 1000 * k, seconds: 3 }, normals(k)));
  all[1] = { ...all[1]!, valid: false, invalidBecause: ['it stood still'] };
  const joined = joinRepeats(all);
  assert.equal(joined.throughput.completePerS, all[2]!.throughput.completePerS);
  assert.equal(medianRun(all.slice(0, 2)), all[1], 'of two, the slower');
  const { values, min, max } = summariseRepeats(all).figures['throughput.completePerS']!;
  assert.deepEqual([min, max], [values[1], values[0]]);
  assert.deepEqual([joined.valid, joined.invalidBecause], [false, ['run 2 of 3: it stood still']]);
  assert.equal(joinRepeats(all.slice(0, 1)), all[0]);
});

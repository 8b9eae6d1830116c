import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overheadOf } from '../src/overhead.ts';
import { joinRepeats } from '../src/repeats.ts';
import type { RunResult } from '../src/result.ts';
import { normals } from './noise.ts';
import { simulate } from './simulated.ts';

const noise = { within: 0.03, alike: 0.5, between: 0.01 };
const base = simulate({ noise, seconds: 5, repeats: 1, perS: 10_000 }, normals(1));

/** Runs of so many jobs/s and microseconds of worker CPU a job. */
function runs(values: readonly (readonly [perS: number, cpuUs: number | null])[]): RunResult {
  const each = values.map(([completePerS, cpuUs]) => ({
    ...base,
    throughput: { ...base.throughput, completePerS },
    cost: { ...base.cost, workerCoreSecondsPer1kJobs: cpuUs === null ? null : cpuUs / 1000 },
  }));
  return joinRepeats(each);
}

/** The machine slows down while they take turns. */
const drift = [1, 0.97, 0.93, 0.9, 0.88];
const turns = (perS: number, cpuUs: number, wander: readonly number[]) =>
  runs(drift.map((speed, at) => [perS * speed * wander[at]!, (cpuUs / speed) * wander[at]!]));
const still = [1, 1, 1, 1, 1];
const wandering = [1.004, 0.997, 1.002, 0.999, 0.998];

test('a cost that stands out is worse, and two equal settings are the same', () => {
  const {
    cpuUsPerJob: cpu,
    completePerS: perS,
    basis,
  } = overheadOf(turns(9000, 5.5, still), turns(9000, 5.5, wandering), turns(10_000, 5, wandering), true);
  assert.equal(basis, '5 pairs of runs that took turns');
  assert.ok(cpu && perS);
  assert.deepEqual(
    [cpu.finding, cpu.equalFinding, perS.finding, perS.equalFinding],
    ['worse', 'same', 'worse', 'same'],
  );
  // Of the run in the middle: 5 us / 0.93, and a tenth of it.
  assert.ok(Math.abs(cpu.cost - 0.1 * cpu.off) < 0.01 && cpu.off > 5 && cpu.on > cpu.off, JSON.stringify(cpu));
  assert.ok(cpu.costLow! > 0.4 && cpu.costLow! < cpu.cost && cpu.cost < cpu.costHigh!, JSON.stringify(cpu));
  assert.ok(Math.abs(perS.cost + 0.1 * perS.off) < 20 && perS.costHigh! < 0, JSON.stringify(perS));
  assert.ok(Math.abs(cpu.equalDiffer!) < 0.02 && Math.abs(perS.equalDiffer!) < 20);
});

test('a cost within the noise is the same, and its interval holds none at all', () => {
  const noisy = [1.1, 0.93, 1.05, 0.9, 1.03];
  const { cpuUsPerJob: cpu } = overheadOf(
    turns(9000, 5.1, noisy),
    turns(9000, 5.1, still),
    turns(9000, 5, still),
    true,
  );
  assert.equal(cpu!.finding, 'same');
  assert.ok(cpu!.costLow! < 0 && cpu!.costHigh! > 0, JSON.stringify(cpu));
});

test('what was not measured is null, and of single runs nothing is judged', () => {
  const none = runs([
    [9000, null],
    [9100, null],
  ]);
  assert.equal(overheadOf(none, none, none, true).cpuUsPerJob, null);
  const one = runs([[9000, 5]]);
  const { cpuUsPerJob: cpu } = overheadOf(one, one, runs([[9000, 4]]), true);
  assert.deepEqual([cpu!.costLow, cpu!.costHigh, cpu!.finding], [null, null, null]);
  assert.ok(Math.abs(cpu!.cost - 1) < 1e-9 && Math.abs(cpu!.on - 5) < 1e-9);
});

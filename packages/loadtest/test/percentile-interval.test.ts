import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import { bootstrapInterval, type Interval, rankInterval } from '../src/percentile-interval.ts';
import { seededRandom } from '../src/random.ts';
import { normals } from './noise.ts';

/** Windows of 1,000 jobs each around 10 ms; each window is slower or faster as a whole by that much. */
function windowsOf(count: number, drift: number, seed: number): Histogram[] {
  const normal = normals(seed);
  return Array.from({ length: count }, () => {
    const window = new Histogram();
    const level = 10_000 * Math.exp(drift * normal());
    for (let i = 0; i < 1000; i++) window.record(level * Math.exp(0.3 * normal()));
    return window;
  });
}

function merged(windows: readonly Histogram[]): Histogram {
  const sum = new Histogram();
  for (const window of windows) sum.merge(window);
  return sum;
}

const holds = (interval: Interval | null, value: number) =>
  interval !== null && interval.low <= value && value <= interval.high;

test('the interval of windows holds the true median in most runs, where one that takes jobs for independent does not', () => {
  const seeds = Array.from({ length: 60 }, (_, seed) => seed);
  const runs = seeds.map((seed) => windowsOf(30, 0.1, seed));
  const byWindows = runs.filter((run, seed) => holds(bootstrapInterval(run, 50, seededRandom(seed)), 10_000)).length;
  const byRanks = runs.filter((run) => holds(rankInterval(merged(run), 50), 10_000)).length;
  assert.ok(byWindows >= 51, `by windows ${byWindows} of 60`);
  assert.ok(byRanks <= 30, `by ranks ${byRanks} of 60`);
});

test('without drift both hold it, and the two are alike', () => {
  const run = windowsOf(40, 0, 5);
  const [byWindows, byRanks] = [bootstrapInterval(run, 99, seededRandom(1))!, rankInterval(merged(run), 99)!];
  const truth = 10_000 * Math.exp(0.3 * 2.3263);
  assert.ok(holds(byWindows, truth), JSON.stringify(byWindows));
  assert.ok(holds(byRanks, truth), JSON.stringify(byRanks));
  const ratio = (byWindows.high - byWindows.low) / (byRanks.high - byRanks.low);
  assert.ok(ratio > 0.5 && ratio < 2, `${ratio}`);
});

test('the same seed gives the same interval; few windows give none', () => {
  const run = windowsOf(100, 0.05, 3);
  assert.deepEqual(bootstrapInterval(run, 95, seededRandom(9)), bootstrapInterval(run, 95, seededRandom(9)));
  assert.equal(bootstrapInterval(run.slice(0, 4), 95, seededRandom(9)), null);
  assert.equal(bootstrapInterval([new Histogram(), ...run.slice(0, 4)], 95, seededRandom(9)), null);
  assert.equal(rankInterval(new Histogram(), 50), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeGoal, type Measured, parseGoal, scoreOf } from '../../src/tune/goal.ts';
import { compareCost, describeSetting, moved, type Setting, settingKey } from '../../src/tune/setting.ts';
import { TrialBook } from '../../src/tune/trial-book.ts';
import { paretoFront, type Trial } from '../../src/tune/tuner.ts';
import { serverBound } from './simulated.ts';

const setting: Setting = { slots: 2000, cpus: 4, processes: 4, batchSize: 100, batchDelayMs: 100 };

function measured(ratePerS: number, more: Partial<Measured> = {}): Measured {
  return { ratePerS, usedCores: 2, p99Us: 40_000, bottleneck: 'server', ...more };
}

test('goals are read, and what is none is named beside what would be one', () => {
  assert.deepEqual(parseGoal('rate'), { kind: 'rate' });
  assert.deepEqual(parseGoal('rate-per-core'), { kind: 'rate-per-core' });
  assert.deepEqual(parseGoal('p99<50ms'), { kind: 'p99', limitUs: 50_000 });
  assert.equal(describeGoal(parseGoal('p99<1.5s')), 'the highest rate with p99 under 1500 ms');
  for (const bad of ['', 'p99', 'p99>50ms', 'p50<5ms', 'speed', 'p99<0ms']) {
    assert.throws(() => parseGoal(bad), { code: 'EGOAL', message: new RegExp(`^"${bad}" is no goal; expected rate,`) });
  }
});

test('a setting that breaks the limit scores below any that keeps it, and worse the further off it is', () => {
  const goal = parseGoal('p99<50ms');
  const kept = scoreOf(goal, measured(5000));
  const near = scoreOf(goal, measured(20_000, { p99Us: 60_000 }));
  const far = scoreOf(goal, measured(20_000, { p99Us: 600_000 }));
  assert.ok(kept > near && near > far);
});

test('moves stay on round figures inside the bounds', () => {
  assert.equal(moved(setting, { slots: 2828 }, serverBound.bounds).slots, 2800);
  assert.equal(moved(setting, { slots: 1e6 }, serverBound.bounds).slots, 16_000);
  assert.equal(moved(setting, { cpus: 2.449 }, serverBound.bounds).cpus, 2.4);
  assert.equal(moved(setting, { batchDelayMs: 3 }, serverBound.bounds).batchDelayMs, 10);
  assert.equal(settingKey(setting), '2000/4/4/100/100');
  assert.equal(describeSetting(setting, ['slots', 'cpus']), '2,000 slots, 4 CPUs');
});

test('fewer CPUs are cheaper than fewer slots', () => {
  assert.ok(compareCost({ ...setting, cpus: 2, slots: 9000 }, setting) < 0);
  assert.ok(compareCost({ ...setting, slots: 1000 }, setting) < 0);
  assert.equal(compareCost(setting, { ...setting }), 0);
});

test('repeats that agree make smaller differences count', () => {
  const other = { ...setting, slots: 4000 };
  const book = new TrialBook({ kind: 'rate' });
  book.add(setting, measured(10_000));
  book.add(other, measured(10_500));
  assert.ok(book.isClose(setting, other), '5% after one trial each is chance');
  for (let repeat = 0; repeat < 6; repeat++) {
    book.add(setting, measured(10_000));
    book.add(other, measured(10_500));
  }
  assert.ok(!book.isClose(setting, other), '5% after seven that agree is not');
});

test('the front holds what is best at something, and nothing that another beats at everything', () => {
  const trial = (slots: number, more: Measured): Trial => ({
    setting: { ...setting, slots },
    stage: 'ramp',
    measured: more,
  });
  const front = paretoFront({ kind: 'rate' }, [
    trial(1000, measured(10_000, { p99Us: 10_000, usedCores: 1 })),
    trial(2000, measured(18_000, { p99Us: 30_000, usedCores: 2 })),
    trial(3000, measured(17_000, { p99Us: 35_000, usedCores: 2 })),
    trial(4000, measured(20_000, { p99Us: 90_000, usedCores: 4 })),
  ]);
  assert.deepEqual(
    front.map((point) => point.setting.slots),
    [4000, 2000, 1000],
  );
});

test('trials that vary by themselves make differences between them count less', () => {
  const other = { ...setting, slots: 4000 };
  const closeWith = (errorShare: number) => {
    const book = new TrialBook({ kind: 'rate' });
    book.add(setting, measured(10_000, { errorShare }));
    book.add(other, measured(12_000, { errorShare }));
    return book.isClose(setting, other);
  };
  assert.deepEqual([closeWith(0.01), closeWith(0.1)], [false, true]);
});

test('one of a thing is said as one', () => {
  const one = { slots: 1, cpus: 1, processes: 1, batchSize: 1, batchDelayMs: 1 };
  assert.equal(describeSetting(one), '1 slot, 1 CPU, 1 process, 1 job a batch, 1 ms delay');
});

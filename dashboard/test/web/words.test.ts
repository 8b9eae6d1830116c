// What the page works out without a browser: rates, differences, labels, commands.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeText, RunModel } from '../../src/run-model.ts';
import { plainAdvice, plainCommand } from '../../web/command-text.ts';
import { differenceText } from '../../web/difference.ts';
import { labelled } from '../../web/label-room.ts';
import { Pace } from '../../web/pace.ts';
import { PlotPace } from '../../web/plot-pace.ts';
import { readCommand } from '../../web/start-options.ts';
import { decadeTicks, roundTicks } from '../../web/ticks.ts';

describe('rates of counters', () => {
  it('are per second between two looks, and stay while nothing new is told', () => {
    const pace = new Pace();
    assert.equal(pace.perS('a', 1000, 50), null);
    assert.equal(pace.perS('a', 3000, 150), 50);
    assert.equal(pace.perS('a', 3000, 150), 50);
  });

  it('are none where a clock went back or a counter began anew', () => {
    const pace = new Pace();
    pace.perS('a', 5000, 100);
    assert.equal(pace.perS('a', 1000, 200), null);
    assert.equal(pace.perS('a', 2000, 300), 100);
    assert.equal(pace.perS('a', 3000, 5), null);
  });

  it('are forgotten with what is not looked at any more', () => {
    const pace = new Pace();
    for (const at of [0, 1]) {
      pace.perS('a', at * 1000, at);
      pace.round();
    }
    assert.equal(pace.perS('a', 2000, 3), 2);
    pace.round();
    pace.round();
    assert.equal(pace.perS('a', 3000, 4), null);
  });
});

describe('the pace of the plots', () => {
  it('is every other sample, of a long run every fourth, and at once what begins or ends', () => {
    const pace = new PlotPace();
    const isDue = (length: number, id = 'a', ended = false) => pace.isDue({ id, ended, samples: { length } });
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((length) => isDue(length)),
      [true, false, true, false, true],
    );
    assert.equal(isDue(6, 'a', true), true, 'it ends');
    assert.equal(isDue(6, 'b'), true, 'another begins');
    assert.equal(isDue(7200, 'b'), true);
    assert.deepEqual(
      [7201, 7203, 7204].map((length) => isDue(length, 'b')),
      [false, false, true],
    );
  });
});

describe('round numbers along an axis', () => {
  it('are 1, 2 or 5 times a power of ten apart, from nothing to the top', () => {
    assert.deepEqual(roundTicks(63_400, 4), [0, 20_000, 40_000, 60_000]);
    assert.deepEqual(roundTicks(0.4, 4), [0, 0.1, 0.2, 0.30000000000000004, 0.4]);
    assert.deepEqual(roundTicks(0, 4), [0]);
  });

  it('are 1, 2 and 5 times powers of ten between two ends of a logarithmic one', () => {
    assert.deepEqual(decadeTicks(20, 2000), [20, 50, 100, 200, 500, 1000, 2000]);
    assert.deepEqual(decadeTicks(210, 480), []);
  });
});

describe('words of the page', () => {
  it('say by how much two runs differ, and how far that may be off', () => {
    assert.equal(differenceText(1000, 1100), 'the other: +10 %');
    assert.equal(differenceText(1000, 900, [null, [890, 910]]), 'the other: −10 %');
    assert.equal(
      differenceText(1000, 1500, [
        [900, 1100],
        [1400, 1600],
      ]),
      'the other: +50 % (+27.3 % to +77.8 %)',
    );
    assert.equal(differenceText(null, 900), '');
    assert.equal(differenceText(0, 900), '');
  });

  it('label markers from the latest on, none over another', () => {
    const at = (x: number) => ({ x, width: 50 });
    assert.deepEqual(labelled([at(0), at(60), at(100), at(200)], 0), [true, false, true, true]);
    assert.deepEqual(labelled([at(-10), at(20)], 0), [false, true]);
  });

  it('leave out of a command what only the room’s network knows', () => {
    const started = 'jobstorm tune --trials 4 --control ws://127.0.0.1:7460 --api http://api-service:3000';
    assert.equal(plainCommand(started), 'jobstorm tune --trials 4');
    const advice = 'a longer run says more: just perf-test 9000 --url tcp://job-server:7419 --cpus 1';
    assert.equal(plainAdvice(advice, started), 'a longer run says more: just perf-test 9000 --cpus 1');
    assert.equal(plainAdvice('FAKTORY_SERVER_IP=job-server just worker 520', started), 'just worker 520');
    assert.equal(plainAdvice(advice, 'jobstorm perf-test --url tcp://10.0.0.9:7419'), advice, 'who named it means it');
  });

  it('read a command back into the form', () => {
    const options = { command: 'perf-test', flags: { jobs: '2000', rate: '500' } };
    assert.deepEqual(readCommand('jobstorm perf-test 2000 --rate 500'), options);
    assert.deepEqual(readCommand('jobstorm tune'), { command: 'tune', flags: {} });
    assert.equal(readCommand('jobstorm soak'), null);
  });

  it('tell what a trial changes', () => {
    const setting = { slots: 500, cpus: 2, processes: 2, batchSize: 100, batchDelayMs: 100 };
    assert.equal(changeText(null, setting), '500 slots, 2 CPUs');
    assert.equal(changeText(setting, { ...setting, slots: 900, batchDelayMs: 20 }), '900 slots, batch delay 20 ms');
    assert.equal(changeText(setting, setting), 'the same again');
  });
});

describe('markers of a run', () => {
  const sample = (at: number, failed: number) => ({
    type: 'sample',
    atS: at,
    lengthS: 1,
    counts: { completed: 100 - failed, failed },
  });

  it('are where jobs begin to fail and where they have not for a while', () => {
    const run = new RunModel('r');
    const failures = [0, 5, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
    for (const [at, failed] of failures.entries()) run.add(sample(at, failed));
    assert.deepEqual(run.marks, [
      { atS: 1, what: 'jobs fail: 5.0 %' },
      { atS: 10, what: 'no job fails any more' },
    ]);
  });

  it('are where a trial turns the knobs, once', () => {
    const run = new RunModel('r');
    const trial = (number: number, slots: number, state: string) =>
      run.add({ type: 'trial', number, setting: { slots, cpus: 2 }, state, measured: null });
    const stage = (what: string, atS: number) => run.add({ type: 'stage', what, atS, lengthS: null });
    trial(1, 500, 'running');
    stage('changing settings', 0);
    stage('measuring', 1);
    trial(1, 500, 'measured');
    trial(2, 1000, 'running');
    stage('changing settings', 7);
    assert.deepEqual(run.marks, [
      { atS: 0, what: 'trial 1: 500 slots, 2 CPUs' },
      { atS: 7, what: 'trial 2: 1000 slots' },
    ]);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalidReasons, notesOn, type ValidityInput } from '../src/validity.ts';

const good: ValidityInput = {
  loopDelayP99Ms: 3,
  loopDelayMaxMs: 40,
  generatorCores: 0.4,
  activeS: 0.08,
  starved: false,
  workersAtStart: 1,
  workersLost: [],
  dropped: 0,
  refused: new Map(),
  onlyFailed: 0,
  uncertain: 0,
  uncertainReason: null,
  rateJudgedUnsteady: false,
  sharedCores: null,
  rateThreshold: false,
  clockAheadMs: null,
  roomAnswerMs: 15,
};

test('a run that lasted 80 ms is valid', () => {
  assert.deepEqual(invalidReasons(good), []);
});

test('what was not measured is no fault', () => {
  assert.deepEqual(invalidReasons({ ...good, loopDelayP99Ms: null, loopDelayMaxMs: null, generatorCores: null }), []);
});

const faults: [string, Partial<ValidityInput>, RegExp][] = [
  ['a late event loop', { loopDelayP99Ms: 400 }, /400 ms late at p99/],
  ['a generator that stood still', { loopDelayMaxMs: 5000 }, /stood still for 5000 ms/],
  ['a generator that was measured itself', { generatorCores: 0.99, starved: true, activeS: 5 }, /0\.99 of the 1 core/],
  ['no worker', { workersAtStart: 0 }, /no worker/],
  ['a worker that went away', { workersLost: ['worker process 7 on host'] }, /worker process 7 on host went away/],
  ['dropped jobs', { dropped: 3 }, /3 planned jobs/],
  ['refused jobs', { refused: new Map([['bad queue', 2]]) }, /2 jobs were refused: bad queue/],
  ['a run in which all failed', { onlyFailed: 10 }, /not one job was completed and 10 failed/],
  ['jobs without an answer', { uncertain: 9, uncertainReason: 'reset' }, /9 jobs no answer .* reset/],
  ['a control room that answers late', { roomAnswerMs: 2500 }, /control room took 2500 ms/],
  ['a clock that is ahead', { clockAheadMs: 31 }, /31 ms ahead of the generator's \(limit 20 ms\)/],
  [
    'a rate threshold on shared cores',
    { rateThreshold: true, sharedCores: { usedCores: 1.98, cpus: 2 } },
    /shared 2 cores, of which 1\.98/,
  ],
  ['a judged rate without a steady window', { rateJudgedUnsteady: true }, /no steady window/],
];
for (const [name, change, expected] of faults) {
  test(`${name} makes a run not valid, and says why`, () => {
    const reasons = invalidReasons({ ...good, ...change });
    assert.equal(reasons.length, 1);
    assert.match(reasons[0]!, expected);
  });
}

test('shared cores are a note, and a fault only where a rate is judged by itself', () => {
  const sharedCores = { usedCores: 1.98, cpus: 2 };
  assert.deepEqual(invalidReasons({ ...good, sharedCores }), []);
  assert.match(notesOn({ activeS: 9, steady: true, sharedCores }).join(), /shared 2 cores/);
});

test('a run of 80 ms says how short it was, and what would be long enough', () => {
  assert.match(notesOn({ activeS: 0.08, steady: false, sharedCores: null }).join(), /lasted 80 ms.*--duration/);
  assert.deepEqual(notesOn({ activeS: 8, steady: true, sharedCores: null }), []);
});

test('a busy generator is no fault while the queue is full, or in a moment', () => {
  assert.deepEqual(invalidReasons({ ...good, generatorCores: 1, starved: false, activeS: 60 }), []);
  assert.deepEqual(invalidReasons({ ...good, generatorCores: 1, starved: true, activeS: 0.5 }), []);
});

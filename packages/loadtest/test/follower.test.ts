import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Follower, type Progress } from '../src/follower.ts';

const at = (changes: Partial<Progress>): Progress => ({
  submitted: true,
  accepted: 100,
  completed: 0,
  failed: 0,
  retried: 0,
  held: null,
  workers: null,
  interrupted: false,
  ...changes,
});
const follower = (failureIsFinal = false) =>
  new Follower({ patienceMs: 90_000, failureIsFinal, settleMs: 3000, workerGraceMs: 1500 });

test('complete: when all that was accepted is completed, and not before all is submitted', () => {
  const f = follower();
  assert.equal(f.observe(at({ submitted: false, accepted: 50, completed: 50 }), 0), null);
  assert.equal(f.observe(at({ completed: 99 }), 1), null);
  assert.equal(f.observe(at({ completed: 100 }), 2), 'complete');
});

test('failed jobs count as ended only when a failure is final', () => {
  assert.equal(follower(true).observe(at({ completed: 90, failed: 10 }), 0), 'complete');
  assert.equal(follower(false).observe(at({ completed: 90, failed: 10 }), 0), null);
});

test('outOfPatience: after that long without any movement, counted from the last one', () => {
  const f = follower();
  assert.equal(f.observe(at({ completed: 1 }), 0), null);
  assert.equal(f.observe(at({ completed: 2 }), 89_000), null);
  assert.equal(f.observe(at({ completed: 2 }), 178_999), null);
  assert.equal(f.observe(at({ completed: 2 }), 179_000), 'outOfPatience');
});

test('a retried or failed job is movement', () => {
  const f = follower();
  f.observe(at({}), 0);
  f.observe(at({ failed: 1 }), 80_000);
  f.observe(at({ failed: 1, retried: 1 }), 160_000);
  assert.equal(f.observe(at({ failed: 1, retried: 1 }), 240_000), null);
});

test('nothingLeft: the server holds no job for a while, yet some are missing', () => {
  const f = follower();
  assert.equal(f.observe(at({ completed: 99, held: 0 }), 0), null);
  assert.equal(f.observe(at({ completed: 99, held: 1 }), 2000), null, 'one came back');
  assert.equal(f.observe(at({ completed: 99, held: 0 }), 2500), null);
  assert.equal(f.observe(at({ completed: 99, held: 0 }), 5499), null);
  assert.equal(f.observe(at({ completed: 99, held: 0 }), 5500), 'nothingLeft');
});

test('an empty server is no end while jobs are still being submitted, or when it is not known', () => {
  const f = follower();
  for (let ms = 0; ms < 20_000; ms += 1000) {
    assert.equal(f.observe(at({ submitted: false, accepted: 10, held: 0 }), ms), null);
    assert.equal(f.observe(at({ completed: 5, held: null }), ms + 500), null);
  }
});

test('workersGone: none for the grace, and none came back', () => {
  const f = follower();
  assert.equal(f.observe(at({ workers: 0 }), 0), null);
  assert.equal(f.observe(at({ workers: 1 }), 1000), null);
  assert.equal(f.observe(at({ workers: 0 }), 2000), null);
  assert.equal(f.observe(at({ workers: 0 }), 3500), 'workersGone');
});

test('interrupted comes before everything, and an end stays what it was', () => {
  const f = follower();
  assert.equal(f.observe(at({ interrupted: true, completed: 100 }), 0), 'interrupted');
  assert.equal(f.observe(at({ completed: 100 }), 1), 'interrupted');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { DiskWaits, isWaiting, waitShare } from '../src/disk-waits.ts';

test('a thread in state D waits for a disk, whatever its name is', () => {
  assert.equal(isWaiting('12 (libuv-worker) D 1 12 12 0'), true);
  assert.equal(isWaiting('12 (a) D (b) S 1 12 12 0'), false);
  assert.equal(isWaiting(''), false);
});

test('the share of the looks between two moments, once they are enough', async (t) => {
  let nth = 0;
  const waits = new DiskWaits([], () => ++nth % 2 === 0);
  t.after(() => waits.stop());
  const from = waits.sofar;
  assert.equal(waitShare(from, from), null);
  await until('ten looks', () => waits.sofar.looks >= 10);
  const share = waitShare(from, waits.sofar)!;
  assert.ok(Math.abs(share - 0.5) < 0.1, `${share}`);
});

test('a process that is gone waits for nothing', async (t) => {
  const waits = new DiskWaits([2 ** 30]);
  t.after(() => waits.stop());
  await until('a look', () => waits.sofar.looks >= 1);
  assert.equal(waits.sofar.waiting, 0);
});

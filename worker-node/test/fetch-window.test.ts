import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchWindow } from '../src/fetch-window.ts';

const max = 64;
/** Longer than any window may take, in milliseconds. */
const ages = 1e6;
let reads = 0;

/** A whole window of jobs, each in a read of its own, that took so long; then the judgement. */
function round(
  window: FetchWindow,
  tookMs: number,
  { roundTripMs = 0, gathering = false, oneRead = false } = {},
): number {
  window.begin(0);
  const { size } = window;
  if (oneRead) reads++;
  for (let i = 0; i < size; i++) window.job(oneRead ? reads : reads++);
  window.judge(tookMs, roundTripMs, gathering);
  return window.size;
}

function grownTo(size: number): FetchWindow {
  const window = new FetchWindow(max);
  while (window.size < size) round(window, 0);
  assert.equal(window.size, size);
  return window;
}

test('it begins at 1 and doubles up to its maximum while jobs come fast', () => {
  const window = new FetchWindow(max);
  const sizes = Array.from({ length: 8 }, () => round(window, 0));
  assert.deepEqual(sizes, [2, 4, 8, 16, 32, 64, 64, 64]);
  const odd = new FetchWindow(3);
  assert.deepEqual([round(odd, 0), round(odd, 0), round(odd, 0)], [2, 3, 3]);
});

test('slow rounds halve it, down to 1', () => {
  const window = grownTo(8);
  assert.deepEqual([round(window, ages), round(window, ages), round(window, ages)], [4, 2, 1]);
});

test('between fast and slow it stays', () => {
  const window = grownTo(16);
  // The network takes most of it, so that twice the limit is far off and the limit itself is passed.
  assert.equal(round(window, 1500, { roundTripMs: 1000 }), 16);
});

test('a far server is not a slow one', () => {
  const window = new FetchWindow(max);
  for (let i = 0; i < 6; i++) round(window, 150, { roundTripMs: 160 });
  assert.equal(window.size, max);
});

test('while reads are gathered a window may take the pause longer to grow to 8, and no further', () => {
  assert.equal(round(grownTo(4), 11, { gathering: true }), 8);
  assert.equal(round(grownTo(4), 11), 4);
  assert.equal(round(grownTo(8), 11, { gathering: true }), 8);
});

test('on a server that takes a millisecond for each job it stays at 8', () => {
  const window = new FetchWindow(max);
  for (let i = 0; i < 20; i++) round(window, window.size);
  assert.equal(window.size, 8);
});

test('a window that came in one read was fast, whenever we looked; but not while reads are gathered', () => {
  assert.equal(round(grownTo(4), ages, { oneRead: true }), 8);
  assert.equal(
    round(grownTo(8), ages, { oneRead: true }),
    8,
    'no deeper: a stop would wait 2 s for each on an empty queue',
  );
  assert.equal(round(grownTo(8), ages, { oneRead: true, gathering: true }), 4);
});

test('less than a whole window is not judged', () => {
  const window = grownTo(8);
  window.begin(0);
  for (let i = 0; i < 7; i++) window.job(reads++);
  window.judge(ages, 0, false);
  assert.equal(window.size, 8);
  window.job(reads++);
  window.judge(ages, 0, false);
  assert.equal(window.size, 4);
});

test('one judgement does not serve the next', () => {
  const window = grownTo(8);
  round(window, 0);
  window.judge(0, 0, false);
  assert.equal(window.size, 16);
  assert.equal(round(window, ages), 8);
});

test('an empty answer makes it 1, and jobs before it count no more', () => {
  const window = grownTo(32);
  window.begin(0);
  for (let i = 0; i < 31; i++) window.job(reads++);
  window.empty(5);
  assert.equal(window.size, 1);
  window.judge(5, 0, false);
  assert.equal(window.size, 1);
});

test('another bound holds from the next growth on', () => {
  const window = new FetchWindow(1);
  const fill = () => {
    window.begin(0);
    for (let read = 0; read < window.size; read++) window.job(read);
    window.judge(0, 0, false);
  };
  fill();
  assert.equal(window.size, 1);
  window.max = 4;
  for (let i = 0; i < 4; i++) fill();
  assert.equal(window.size, 4);
});

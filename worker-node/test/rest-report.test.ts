import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apartMs, quietMs, RestReport } from '../src/rest-report.ts';
import { steppedTime } from './stepped-time.ts';

const time = steppedTime();

function rested() {
  const sentAtMs: number[] = [];
  const rest = new RestReport(() => sentAtMs.push(time.nowMs));
  return { rest, sentAtMs };
}

test('the end of work is told once, a moment after it', () => {
  const { rest, sentAtMs } = rested();
  const endMs = time.nowMs;
  rest.idle();
  time.pass(1000);
  assert.deepEqual(sentAtMs, [endMs + quietMs]);
});

test('moments without work in between are not told, and the end after them soon', () => {
  const { rest, sentAtMs } = rested();
  for (let i = 0; i < 300; i++) {
    rest.idle();
    time.pass(quietMs - 1);
  }
  assert.deepEqual(sentAtMs, []);
  const endMs = time.nowMs;
  time.pass(1000);
  assert.equal(sentAtMs.length, 1);
  assert.ok(sentAtMs[0]! <= endMs + 2 * quietMs, `${sentAtMs[0]! - endMs} ms`);
});

test('rests that follow each other are told apart, the last one always', () => {
  const { rest, sentAtMs } = rested();
  for (let i = 0; i < 50; i++) {
    rest.idle();
    time.pass(3 * quietMs);
  }
  const endMs = time.nowMs;
  rest.idle();
  time.pass(1000);
  assert.ok(
    sentAtMs.every((atMs, i) => i === 0 || atMs - sentAtMs[i - 1]! >= apartMs),
    sentAtMs.join(),
  );
  assert.ok(sentAtMs.length >= 7 && sentAtMs.at(-1)! >= endMs + quietMs);
});

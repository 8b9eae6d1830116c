import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { watchLeaks } from '@jobstorm/testkit';
import { Naps } from '../src/naps.ts';
import { steppedTime } from './stepped-time.ts';

const time = steppedTime();

/** Naps whose ends are noted: which one, and how long it took. */
function makeNaps() {
  const naps = new Naps();
  const over: [string, number][] = [];
  const nap = async (name: string, ms: number): Promise<void> => {
    const beganMs = time.nowMs;
    await naps.nap(ms);
    over.push([name, time.nowMs - beganMs]);
  };
  /** A millisecond at a time, and whoever goes on in it goes on. */
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i++) {
      time.pass(1);
      await null;
    }
  };
  return { naps, over, nap, pass };
}

test('each is over after its own time, and once', async () => {
  const { over, nap, pass } = makeNaps();
  void nap('a', 50);
  await pass(20);
  void nap('b', 50);
  void nap('c', 10);
  void nap('d', 10);
  await pass(200);
  assert.deepEqual(over, [
    ['c', 10],
    ['d', 10],
    ['a', 50],
    ['b', 50],
  ]);
});

test('one that begins when another ends takes its own time, whether or not others are in line', async () => {
  const { over, nap, pass } = makeNaps();
  void nap('a', 10).then(() => nap('a again', 10));
  await pass(5);
  void nap('b', 10);
  await pass(60);
  void nap('c', 10).then(() => nap('c again', 10));
  await pass(60);
  assert.deepEqual(over.map(([name]) => name).sort(), ['a', 'a again', 'b', 'c', 'c again']);
  assert.deepEqual(new Set(over.map(([, ms]) => ms)), new Set([10]));
});

test('those that begin in one moment end with the last of them, and those of the next moment later', async () => {
  const { naps, pass } = makeNaps();
  const startMs = time.nowMs;
  const begin = (atMs: number) => {
    time.nowMs = startMs + atMs;
    return naps.nap(10);
  };
  const promises = [begin(0), begin(0.4), begin(0.5)];
  assert.equal(promises[0], promises[1]);
  assert.notEqual(promises[1], promises[2]);
  const ends: number[] = [];
  for (const each of promises) void each.then(() => ends.push(time.nowMs - startMs));
  // Its timer looks when the first one's own time is over and the second one's is not.
  time.nowMs = startMs + 0.2;
  await pass(10);
  assert.deepEqual(ends, []);
  await pass(2);
  assert.equal(ends.length, 3);
});

test('what is no time, or longer than a timer reaches, is a millisecond', async () => {
  const { over, nap, pass } = makeNaps();
  for (const ms of [0, -5, Number.NaN, 2 ** 31, null as unknown as number]) void nap(String(ms), ms);
  void nap('12.9', '12.9' as unknown as number);
  await pass(1);
  assert.deepEqual(
    over.map(([name]) => name),
    ['0', '-5', 'NaN', '2147483648', 'null'],
  );
  await pass(12);
  assert.deepEqual(over.at(-1), ['12.9', 12]);
});

test('none is over before its time, even if its timer is early', async () => {
  const { over, nap, pass } = makeNaps();
  void nap('a', 10);
  mock.timers.tick(10);
  await null;
  assert.deepEqual(over, []);
  await pass(10);
  assert.deepEqual(over, [['a', 10]]);
});

test('when all are over there is no timer', async () => {
  mock.timers.reset();
  mock.restoreAll();
  const watch = watchLeaks();
  const naps = new Naps();
  await Promise.all([naps.nap(2), naps.nap(2), naps.nap(5)]);
  await watch.settle();
});

// The batcher on a clock that the test moves: no real timer runs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Batcher, type BatchSettings } from '../src/batcher.ts';

/** A world in which nothing happens until the test says so. */
class World {
  nowMs = 1000;
  readonly batches: number[][] = [];
  /** When each of the batches left. */
  readonly leftMs: number[] = [];
  readonly timers = new Set<{ atMs: number; run: () => void }>();
  timersStarted = 0;
  ticks: (() => void)[] = [];

  batcher(settings: Partial<BatchSettings> = {}): Batcher<number> {
    return this.batcherOf({ maxSize: 3, maxDelayMs: 100, auto: true, adaptive: true, ...settings });
  }

  batcherOf(settings: BatchSettings): Batcher<number> {
    return new Batcher<number>(settings, {
      nowMs: () => this.nowMs,
      startTimer: (delayMs, run) => {
        this.timersStarted++;
        const timer = { atMs: this.nowMs + delayMs, run };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
      },
      endOfTick: (run) => this.ticks.push(run),
      send: (batch) => {
        this.batches.push(batch);
        this.leftMs.push(this.nowMs);
      },
    });
  }

  endTick(): void {
    const ticks = this.ticks;
    this.ticks = [];
    for (const run of ticks) run();
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers]) {
      if (timer.atMs > this.nowMs) continue;
      this.timers.delete(timer);
      timer.run();
    }
  }
}

describe('Batcher', () => {
  test('settings that change hold for what waits: its delay counts from when it came', () => {
    const world = new World();
    const settings = { maxSize: 10, maxDelayMs: 100, auto: true, adaptive: false };
    const batcher = world.batcherOf(settings);
    batcher.reconsider();
    batcher.add(1);
    world.advance(20);
    settings.maxDelayMs = 50;
    batcher.reconsider();
    world.advance(29);
    assert.deepEqual(world.batches, []);
    world.advance(1);
    assert.deepEqual(world.batches, [[1]]);
    for (const job of [2, 3]) batcher.add(job);
    settings.maxSize = 2;
    batcher.reconsider();
    assert.deepEqual(world.batches, [[1], [2, 3]]);
    batcher.add(4);
    world.advance(10);
    settings.maxDelayMs = 10;
    batcher.reconsider();
    assert.deepEqual(world.batches.at(-1), [4], 'it has waited for that long already');
    settings.maxDelayMs = 1000;
    batcher.add(5);
    settings.auto = false;
    batcher.reconsider();
    assert.deepEqual(world.batches.at(-1), [5]);
    assert.equal(batcher.waiting, 0);
  });

  test('a longer delay holds for what waits, too', () => {
    const world = new World();
    const settings = { maxSize: 10, maxDelayMs: 100, auto: true, adaptive: false };
    const batcher = world.batcherOf(settings);
    batcher.add(1);
    settings.maxDelayMs = 300;
    batcher.reconsider();
    world.advance(299);
    assert.deepEqual(world.batches, []);
    world.advance(1);
    assert.deepEqual(world.batches, [[1]]);
  });

  test('a full batch leaves at once', () => {
    const world = new World();
    const batcher = world.batcher({ adaptive: false });
    for (const job of [1, 2, 3, 4]) batcher.add(job);
    assert.deepEqual(world.batches, [[1, 2, 3]]);
    assert.equal(batcher.waiting, 1);
  });

  test('not adaptive: a batch leaves when its oldest job has waited the delay, and not before', () => {
    const world = new World();
    const batcher = world.batcher({ adaptive: false });
    batcher.add(1);
    world.endTick();
    world.advance(60);
    batcher.add(2);
    world.advance(39);
    assert.deepEqual(world.batches, []);
    world.advance(1);
    assert.deepEqual(world.batches, [[1, 2]]);
  });

  test('not adaptive: the delay counts from the job that is oldest now, although one timer serves many batches', () => {
    const world = new World();
    const batcher = world.batcher({ adaptive: false });
    batcher.add(1);
    world.advance(50);
    batcher.add(2);
    batcher.add(3);
    batcher.add(4);
    world.advance(50);
    assert.deepEqual(world.batches, [[1, 2, 3]], 'job 4 has waited 50 ms only');
    world.advance(50);
    assert.deepEqual(world.batches, [[1, 2, 3], [4]]);
    assert.equal(world.timersStarted, 2);
  });

  test('adaptive: jobs of one tick leave together at its end when nothing is in flight', () => {
    const world = new World();
    const batcher = world.batcher();
    batcher.add(1);
    batcher.add(2);
    assert.deepEqual(world.batches, []);
    world.endTick();
    assert.deepEqual(world.batches, [[1, 2]]);
  });

  test('adaptive: while a batch is in flight others wait for its answer', () => {
    const world = new World();
    const batcher = world.batcher();
    batcher.add(1);
    world.endTick();
    batcher.add(2);
    world.endTick();
    assert.deepEqual(world.batches, [[1]]);
    batcher.settled();
    assert.deepEqual(world.batches, [[1], [2]]);
  });

  test('adaptive: the delay is the upper bound while the answer does not come', () => {
    const world = new World();
    const batcher = world.batcher();
    batcher.add(1);
    world.endTick();
    batcher.add(2);
    world.advance(99);
    assert.deepEqual(world.batches, [[1]]);
    world.advance(1);
    assert.deepEqual(world.batches, [[1], [2]]);
    assert.equal(batcher.inFlight, 2);
  });

  test('adaptive: what is left in a tick in which a batch filled up waits behind it, not for ever', () => {
    const world = new World();
    const batcher = world.batcher();
    for (const job of [1, 2, 3, 4]) batcher.add(job);
    world.endTick();
    assert.deepEqual(world.batches, [[1, 2, 3]]);
    world.advance(100);
    assert.deepEqual(world.batches, [[1, 2, 3], [4]]);
  });

  test('auto off: every job is a batch of its own, at once', () => {
    const world = new World();
    const batcher = world.batcher({ auto: false });
    batcher.add(1);
    batcher.add(2);
    assert.deepEqual(world.batches, [[1], [2]]);
  });

  test('no delay: the end of the tick is the latest, whatever is in flight', () => {
    const world = new World();
    const batcher = world.batcher({ maxDelayMs: 0, adaptive: false });
    batcher.add(1);
    world.endTick();
    batcher.add(2);
    world.endTick();
    assert.deepEqual(world.batches, [[1], [2]]);
  });

  test('drain sends what waits, stops the timer, and lets later jobs go at the end of their tick', () => {
    const world = new World();
    const batcher = world.batcher({ adaptive: false });
    batcher.add(1);
    batcher.drain();
    assert.deepEqual(world.batches, [[1]]);
    assert.equal(world.timers.size, 0);
    batcher.add(2);
    world.endTick();
    assert.deepEqual(world.batches, [[1], [2]]);
    assert.equal(world.timers.size, 0);
  });

  test('drain with nothing waiting sends nothing', () => {
    const world = new World();
    world.batcher().drain();
    assert.deepEqual(world.batches, []);
  });

  test('whatever happens: order kept, every job once, sizes and waits within bounds', () => {
    const event = fc.oneof(
      { weight: 5, arbitrary: fc.constant('add') },
      fc.constantFrom('tick', 'answer'),
      fc.integer({ min: 1, max: 60 }),
    );
    const settings = fc.record({
      maxSize: fc.integer({ min: 1, max: 5 }),
      maxDelayMs: fc.integer({ min: 0, max: 100 }),
      auto: fc.boolean(),
      adaptive: fc.boolean(),
    });
    fc.assert(
      fc.property(settings, fc.array(event, { maxLength: 60 }), (given, events) => {
        const world = new World();
        const batcher = world.batcher(given);
        const cameMs: number[] = [];
        for (const event of events) {
          if (event === 'add') batcher.add(cameMs.push(world.nowMs) - 1);
          else if (event === 'tick') world.endTick();
          else if (event === 'answer') batcher.inFlight > 0 && batcher.settled();
          else {
            world.endTick(); // time passes between ticks only
            for (let ms = 0; ms < event; ms++) world.advance(1);
          }
          const sent = world.batches.flat();
          assert.deepEqual(sent, [...sent.keys()]);
          assert.equal(sent.length + batcher.waiting, cameMs.length);
          assert.ok(batcher.waiting < given.maxSize);
        }
        world.endTick();
        for (let ms = 0; ms < given.maxDelayMs; ms++) world.advance(1);
        assert.equal(batcher.waiting, 0, 'something was armed for every waiting job');
        for (const [i, batch] of world.batches.entries()) {
          assert.ok(batch.length >= 1 && batch.length <= given.maxSize);
          assert.ok(world.leftMs[i]! - cameMs[batch[0]!]! <= given.maxDelayMs);
        }
      }),
    );
  });
});

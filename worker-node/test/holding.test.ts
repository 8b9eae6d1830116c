import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '@jobstorm/protocol';
import { Holding } from '../src/holding.ts';
import { Run } from '../src/run.ts';
import { steppedTime } from './stepped-time.ts';

const time = steppedTime();

function makeHolding(typeRates: Record<string, number>, total = 100, endAtOnce = false) {
  const started: string[] = [];
  const due: string[] = [];
  let changes = 0;
  const slots = {
    total,
    running: 0,
    start(run: Run) {
      started.push(run.job.jid);
      if (!endAtOnce) this.running++;
      else holding.slotFree();
    },
  };
  const holding: Holding = new Holding({
    typeRates,
    slots,
    onDue: ({ job }) => due.push(job.jid),
    onChange: () => changes++,
  });
  let jids = 0;
  const take = (jobtype: string, more: Partial<Job> = {}) => {
    const jid = `${jobtype}-${jids++}`;
    holding.take(new Run({ jid, jobtype, args: [], ...more }, null, time.nowMs, { answered() {}, unanswered() {} }));
    return jid;
  };
  return { holding, slots, started, due, take, changes: () => changes };
}

test('what no limit holds for starts at once', () => {
  const { holding, started, take } = makeHolding({ rare: 1 });
  const jids = [take('a'), take('a'), take('b')];
  assert.deepEqual(started, jids);
  assert.equal(holding.held, 0);
});

test('a limited type starts as its tokens come, in order, and others pass it by', () => {
  const { holding, started, take, changes } = makeHolding({ rare: 10 });
  const rare = [take('rare'), take('rare'), take('rare')];
  const other = take('other');
  assert.deepEqual(started, [rare[0], other]);
  assert.equal(holding.held, 2);
  time.pass(110);
  assert.deepEqual(started, [rare[0], other, rare[1]]);
  assert.ok(changes() > 0);
  time.pass(110);
  assert.deepEqual(started.at(-1), rare[2]);
  assert.equal(holding.held, 0);
});

test('prefetched jobs wait for a slot, and get it in order', () => {
  const { holding, slots, started, take } = makeHolding({}, 1);
  const jids = [take('a'), take('b'), take('c')];
  assert.deepEqual(started, [jids[0]]);
  assert.equal(holding.forSlot, 2);
  slots.running--;
  holding.slotFree();
  assert.deepEqual(started, jids.slice(0, 2));
  slots.running--;
  holding.slotFree();
  assert.deepEqual(started, jids);
  assert.equal(holding.held, 0);
});

test('any number that end at once start one after the other, not one within the other', () => {
  const { holding, slots, started, take } = makeHolding({}, 1, true);
  slots.running = 1;
  for (let i = 0; i < 50_000; i++) take('a');
  slots.running = 0;
  holding.slotFree();
  assert.equal(started.length, 50_000);
});

test('none waits past half of its reservation, for its rate or for a slot', () => {
  const { holding, slots, started, due, take } = makeHolding({ rare: 0.001 }, 1);
  take('rare');
  const late = take('rare', { reserve_for: 60 });
  const slotless = take('a', { reserve_for: 10 });
  assert.deepEqual(started.length, 1);
  time.pass(29_000);
  assert.deepEqual(due, []);
  time.pass(2000);
  assert.deepEqual([...due].sort(), [slotless, late].sort());
  assert.equal(started.length, 3);
  assert.equal(slots.running, 3);
  assert.equal(holding.held, 0);
});

test('release starts everything, for slots that refuse it all, and tells who waits for that', async () => {
  const { holding, started, take } = makeHolding({ rare: 1 }, 2);
  for (const type of ['rare', 'rare', 'a', 'a']) take(type);
  assert.equal(holding.held, 2);
  let idle = false;
  const waiting = holding.idle().then(() => {
    idle = true;
  });
  await Promise.resolve();
  assert.equal(idle, false);
  holding.release();
  await waiting;
  assert.equal(started.length, 4);
  await holding.idle();
});

test('other rates hold for what is held, too', () => {
  const { holding, started, take } = makeHolding({ rare: 0.01 });
  for (let i = 0; i < 5; i++) take('rare');
  assert.equal(started.length, 1);
  holding.configure({});
  assert.equal(started.length, 5);
  assert.equal(holding.held, 0);
});

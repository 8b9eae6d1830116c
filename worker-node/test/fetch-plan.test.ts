import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchPlanner, type QueueState } from '../src/fetch-plan.ts';
import { noLimits, parseQueues, type QueueLimits } from '../src/queue-rules.ts';
import { TypeLimit } from '../src/type-limit.ts';

function makePlanner(queues: string[], limits: Partial<QueueLimits> = {}, random?: () => number) {
  const clock = { ms: 0 };
  const planner = new FetchPlanner(parseQueues(queues), { ...noLimits, ...limits }, random, () => clock.ms);
  /** Asks, and gives the line. */
  const ask = () => {
    const plan = planner.next();
    if (plan === null) return null;
    planner.sent(plan);
    return plan;
  };
  return { planner, clock, ask };
}

test('without weights and limits there is one plan for ever', () => {
  const { planner } = makePlanner(['a', 'b']);
  const plan = planner.next();
  assert.equal(plan?.line, 'FETCH a b');
  assert.equal(planner.constant, plan);
  planner.sent(plan!);
  assert.equal(planner.brought(plan!, 'a'), null);
  assert.equal(planner.next(), plan);
});

test('a queue at its slots is left out until a job of it is over', () => {
  const { planner, ask } = makePlanner(['fast', 'slow'], { queueSlots: { slow: 2 } });
  const plans = [ask(), ask(), ask()];
  assert.deepEqual(
    plans.map((plan) => plan!.line),
    ['FETCH fast slow', 'FETCH fast slow', 'FETCH fast'],
  );
  assert.deepEqual(
    plans.map((plan) => plan!.narrow),
    [false, false, true],
  );
  const job = planner.brought(plans[0]!, 'slow');
  planner.brought(plans[1]!, 'fast');
  assert.equal(ask()!.line, 'FETCH fast slow', 'the one that brought a job of fast gave its room back');
  assert.equal(ask()!.line, 'FETCH fast');
  job!.running--;
  assert.equal(ask()!.line, 'FETCH fast slow');
});

test('with no room in any queue there is no FETCH', () => {
  const { planner, ask } = makePlanner(['q'], { queueSlots: { q: 1 } });
  const plan = ask()!;
  assert.equal(planner.next(), null);
  assert.equal(planner.waitMs(), Number.POSITIVE_INFINITY, 'no time brings it back, but an end');
  planner.returned(plan);
  assert.equal(planner.next()?.line, 'FETCH q');
});

test('a share of no slots is never fetched from', () => {
  const { planner } = makePlanner(['a', 'b'], { queueSlots: { b: 0 } });
  assert.equal(planner.next()?.line, 'FETCH a');
});

test('a rate gives FETCHes for its tokens, and says when the next one comes', () => {
  const { planner, clock, ask } = makePlanner(['q'], { queueRates: { q: 20 } });
  const first = ask()!;
  const second = ask()!;
  assert.equal(ask(), null);
  planner.brought(first, 'q');
  assert.equal(ask(), null, 'the token is used');
  planner.returned(second);
  assert.ok(ask(), 'the other one came back unused');
  const waitMs = planner.waitMs();
  assert.ok(waitMs > 0 && waitMs <= 100, `${waitMs}`);
  clock.ms += waitMs;
  assert.ok(ask());
});

test('when FETCHes that are out have all tokens that there can be, no time brings more', () => {
  const { planner, clock, ask } = makePlanner(['q'], { queueRates: { q: 39 } });
  for (let i = 0; i < 3; i++) assert.ok(ask());
  assert.equal(ask(), null);
  assert.equal(planner.waitMs(), Number.POSITIVE_INFINITY, 'an idle worker would look again and again');
  clock.ms += 10_000;
  assert.equal(ask(), null);
});

test('a queue that brings a limited job type is asked no more than that type can hold', () => {
  const { planner, ask } = makePlanner(['q'], { typeRates: { rare: 0.1 } });
  const limit = new TypeLimit('rare', 0.1, 0);
  assert.equal(limit.maxHeld, 1);
  const plan = ask()!;
  const state = planner.brought(plan, 'q')!;
  assert.ok(planner.next());
  state.brings.add(limit);
  assert.ok(ask(), 'one may come');
  assert.equal(ask(), null, 'two may not');
});

test('weights draw the order anew for each FETCH', () => {
  let at = 0;
  const numbers = [0.1, 0.9];
  const { ask } = makePlanner(['a:5', 'b:1'], {}, () => numbers[at++ % 2]!);
  assert.equal(ask()!.line, 'FETCH a b');
  assert.equal(ask()!.line, 'FETCH b a');
});

test('what is changed while FETCHes are out keeps the counts', () => {
  const { planner, ask } = makePlanner(['a', 'slow'], { queueSlots: { slow: 1 } });
  const plan = ask()!;
  const running = planner.brought(plan, 'slow') as QueueState;
  planner.configure(parseQueues(['slow', 'b']), { ...noLimits, queueSlots: { slow: 1 } });
  assert.equal(planner.next()?.line, 'FETCH b', 'the job that runs still has the slot');
  running.running--;
  assert.equal(planner.next()?.line, 'FETCH slow b');
  planner.configure(parseQueues(['slow']), noLimits);
  assert.equal(planner.constant?.line, 'FETCH slow');
});

test('FETCHes from before there were limits take no room', () => {
  const { planner, ask } = makePlanner(['q']);
  const before = ask()!;
  planner.configure(parseQueues(['q']), { ...noLimits, queueSlots: { q: 2 } });
  ask();
  const job = planner.brought(before, 'q');
  assert.equal(job?.running, 1);
  assert.equal(planner.next(), null);
  assert.equal(job?.asked, 1);
});

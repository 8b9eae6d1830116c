import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { watchLeaks } from '@jobstorm/testkit';
import { Deadlines } from '../src/deadlines.ts';
import { Run } from '../src/run.ts';

let nowMs = 0;

beforeEach(() => {
  nowMs = 1000;
  mock.method(performance, 'now', () => nowMs);
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

function pass(ms: number): void {
  for (let i = 0; i < ms; i++) {
    nowMs++;
    mock.timers.tick(1);
  }
}

function makeDeadlines() {
  const due: [string, number][] = [];
  const deadlines = new Deadlines((run) => due.push([run.job.jid, nowMs - run.startedMs]));
  const start = (jid: string, ms: number): Run => {
    const run = new Run({ jid, jobtype: 'a', args: [] }, null, nowMs, { answered() {}, unanswered() {} });
    run.startedMs = nowMs;
    deadlines.add(run, ms);
    return run;
  };
  return { deadlines, due, start };
}

test('each comes due after its own time, and once', () => {
  const { due, start } = makeDeadlines();
  start('a', 50);
  pass(20);
  start('b', 50);
  start('c', 10);
  pass(200);
  assert.deepEqual(due, [
    ['c', 10],
    ['a', 50],
    ['b', 50],
  ]);
});

test('those that are over before never do', () => {
  const { deadlines, due, start } = makeDeadlines();
  const runs = [start('a', 50), start('b', 50)];
  pass(30);
  deadlines.delete(runs[0]!, 50);
  pass(30);
  assert.deepEqual(due, [['b', 50]]);
  deadlines.delete(runs[1]!, 50);
  start('c', 50);
  pass(50);
  assert.equal(due.length, 2);
});

test('closed it has no timer', async () => {
  mock.timers.reset();
  const watch = watchLeaks();
  const { deadlines, start } = makeDeadlines();
  start('a', 60_000);
  start('b', 50_000);
  deadlines.close();
  await watch.settle();
});

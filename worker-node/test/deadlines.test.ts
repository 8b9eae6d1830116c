import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { watchLeaks } from '@jobstorm/testkit';
import { Deadlines } from '../src/deadlines.ts';
import { Run } from '../src/run.ts';
import { steppedTime } from './stepped-time.ts';

const time = steppedTime();

function makeDeadlines() {
  const due: [string, number][] = [];
  const deadlines = new Deadlines((run) => due.push([run.job.jid, time.nowMs - run.startedMs]));
  const start = (jid: string, ms: number): Run => {
    const run = new Run({ jid, jobtype: 'a', args: [] }, null, time.nowMs, { answered() {}, unanswered() {} });
    run.startedMs = time.nowMs;
    deadlines.add(run, ms);
    return run;
  };
  return { deadlines, due, start };
}

test('each comes due after its own time, and once', () => {
  const { due, start } = makeDeadlines();
  start('a', 50);
  time.pass(20);
  start('b', 50);
  start('c', 10);
  time.pass(200);
  assert.deepEqual(due, [
    ['c', 10],
    ['a', 50],
    ['b', 50],
  ]);
});

test('those that are over before never do', () => {
  const { deadlines, due, start } = makeDeadlines();
  const runs = [start('a', 50), start('b', 50)];
  time.pass(30);
  deadlines.delete(runs[0]!, 50);
  time.pass(30);
  assert.deepEqual(due, [['b', 50]]);
  deadlines.delete(runs[1]!, 50);
  start('c', 50);
  time.pass(50);
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

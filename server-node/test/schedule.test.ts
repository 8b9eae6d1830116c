import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeStamp, writeJob } from '../src/job-text.ts';
import { Schedule } from '../src/schedule.ts';

const job = (name: string) => writeJob({ jid: `job-${name}`, jobtype: 't', args: [] }, makeStamp('S'), false);
const nameOf = (text: string) => /"jid":"job-([^"]*)"/.exec(text)![1]!;

function drain(schedule: Schedule, nowMs = Number.POSITIVE_INFINITY): string[] {
  const names = [];
  for (let due = schedule.takeDue(nowMs); due; due = schedule.takeDue(nowMs)) names.push(nameOf(due.job.text));
  return names;
}

test('jobs come out in order of their dates, equal dates in order of arrival', () => {
  const schedule = new Schedule();
  const dates = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 97);
  for (const [i, date] of dates.entries()) schedule.add(job(String(i)), date);
  const expected = dates.map((date, i) => ({ date, i })).sort((a, b) => a.date - b.date || a.i - b.i);
  assert.deepEqual(
    drain(schedule),
    expected.map(({ i }) => String(i)),
  );
  assert.equal(schedule.size, 0);
});

test('only what is due comes out', () => {
  const schedule = new Schedule();
  for (const date of [30, 10, 20]) schedule.add(job(String(date)), date);
  assert.deepEqual(drain(schedule, 9.9), []);
  assert.deepEqual(drain(schedule, 20), ['10', '20']);
  assert.equal(schedule.size, 1);
});

test('picked jobs come out in order and the rest stays in order', () => {
  const schedule = new Schedule();
  for (let i = 99; i >= 0; i--) schedule.add(job(String(i)), i);
  const taken = schedule.takeMatching(({ text }) => Number(nameOf(text)) % 3 === 0);
  assert.deepEqual(
    taken.map(({ atMs }) => atMs),
    Array.from({ length: 34 }, (_, i) => i * 3),
  );
  const rest = Array.from({ length: 100 }, (_, i) => i).filter((i) => i % 3 !== 0);
  assert.deepEqual(drain(schedule), rest.map(String));
});

test('clear empties it', () => {
  const schedule = new Schedule();
  schedule.add(job('1'), 1);
  schedule.clear();
  assert.equal(schedule.size, 0);
  assert.deepEqual(drain(schedule), []);
});

test('1,000,000 jobs come out in order of their dates, and of a page only the first are looked at', () => {
  const schedule = new Schedule();
  const one = job('any');
  const count = 1_000_000;
  // Each date once, in an order that is none.
  for (let i = 0; i < count; i++) schedule.add(one, (i * 7919) % count, i);
  assert.deepEqual(
    schedule.first(100).map(({ atMs }) => atMs),
    Array.from({ length: 100 }, (_, i) => i),
  );
  let next = 0;
  for (let due = schedule.takeDue(count); due; due = schedule.takeDue(count)) {
    if (due.atMs !== next) assert.fail(`${due.atMs} came in place ${next}`);
    next++;
  }
  assert.equal(next, count);
});

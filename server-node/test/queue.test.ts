import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JobText, makeStamp, writeJob } from '../src/job-text.ts';
import { JobQueue } from '../src/queue.ts';
import { Queues } from '../src/queues.ts';
import { Segment } from '../src/segment.ts';

const job = (jid: string, padding = 0): JobText =>
  writeJob({ jid, jobtype: 't', args: ['x'.repeat(padding)], reserve_for: 60 }, makeStamp('S'), true);
const jids = (queue: JobQueue) => {
  const taken = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push(next.jid);
  return taken;
};

test('a segment gives back what it took, in order, and is used again from its start', () => {
  const segment = new Segment(1000);
  const texts = ['job-00001', 'job-"0002', 'job-äöü3'].map((jid) => job(jid));
  for (let round = 0; round < 5; round++) {
    for (const text of texts) assert.ok(segment.append(text));
    assert.equal(segment.peek(), texts[0]!.text);
    const taken = texts.map(() => segment.take());
    assert.deepEqual(
      taken.map(({ text }) => text),
      texts.map(({ text }) => text),
    );
    assert.deepEqual(
      taken.map(({ jid }) => Buffer.from(jid, 'latin1').toString()),
      ['job-00001', 'job-"0002', 'job-äöü3'],
    );
    assert.equal(taken[0]!.reserveForS, 60);
    assert.ok(segment.isEmpty);
  }
});

test('a full segment says so and stays as it was', () => {
  const need = Segment.need(job('12345678'));
  const segment = new Segment(need * 2);
  assert.ok(segment.append(job('12345678')));
  assert.ok(segment.append(job('abcdefgh')));
  assert.ok(!segment.append(job('ABCDEFGH')));
  assert.equal(segment.take().jid, '12345678');
  assert.ok(!segment.append(job('ABCDEFGH')));
  assert.equal(segment.take().jid, 'abcdefgh');
  assert.ok(segment.append(job('ABCDEFGH')));
});

test('FIFO over many segments, jobs of all sizes between', () => {
  const queue = new JobQueue('q');
  const sizes = [0, 10, 5000, 20_000, 1_000_000, 3];
  const expected = Array.from({ length: 600 }, (_, i) => `job-${10_000 + i}`);
  for (const [i, jid] of expected.entries()) queue.append(job(jid, sizes[i % sizes.length]! / (i > 60 ? 100 : 1)));
  assert.equal(queue.size, 600);
  assert.deepEqual(jids(queue), expected);
  assert.equal(queue.size, 0);
  assert.equal(queue.take(), null);
});

test('filling and emptying by turns keeps the order', () => {
  const queue = new JobQueue('q');
  const expected: string[] = [];
  const taken: string[] = [];
  for (let round = 0; round < 300; round++) {
    for (let i = 0; i <= round % 7; i++) {
      const jid = `job-${round}-${i}-x`;
      expected.push(jid);
      queue.append(job(jid, (round * 97) % 3000));
    }
    for (let i = 0; i < (round * 5) % 9; i++) {
      const next = queue.take();
      if (next) taken.push(next.jid);
    }
  }
  taken.push(...jids(queue));
  assert.deepEqual(taken, expected);
});

test('a job too large for the kept, empty segment gets one of its own', () => {
  const queue = new JobQueue('q');
  queue.append(job('12345678'));
  queue.take();
  queue.append(job('abcdefgh', 100_000));
  queue.append(job('ABCDEFGH'));
  assert.deepEqual(jids(queue), ['abcdefgh', 'ABCDEFGH']);
});

test('clear drops the jobs, peek leaves them', () => {
  const queue = new JobQueue('q');
  assert.equal(queue.peek(), null);
  queue.append(job('12345678'));
  assert.equal(queue.peek(), job('12345678').text);
  assert.equal(queue.size, 1);
  queue.clear();
  assert.equal(queue.peek(), null);
  assert.equal(queue.take(), null);
});

test('queues are known from their first use until they are removed, whatever they are called', () => {
  const queues = new Queues();
  assert.equal(queues.get('__proto__'), undefined);
  const queue = queues.obtain('__proto__');
  assert.equal(queues.obtain('__proto__'), queue);
  assert.equal(queues.count, 1);
  queue.append(job('12345678'));
  queues.remove('__proto__');
  assert.equal(queues.count, 0);
  assert.equal(queue.size, 0);
  queues.remove('nosuch');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, Json } from '@jobstorm/protocol';
import { epochUsAt, Ledger } from '@jobstorm/telemetry';
import { Tallies } from '../src/tally.ts';

function jobOf(custom: Json | undefined, more: Partial<Job> = {}): Job {
  return JSON.parse(JSON.stringify({ jid: 'job-00001', jobtype: 'add', args: [], ...more, custom }));
}

/** Fetched at 100 ms, started at 101, ended at 103, acknowledged at 106. */
function live(tallies: Tallies, job: Job): void {
  const tally = tallies.of(job);
  assert.ok(tally);
  tally.fetched(job, 100);
  tally.ended(100, 101, 103);
  tally.completed(job, 103, 106);
}

test('a job of a run is counted once, in every phase', () => {
  const tallies = new Tallies();
  const job = jobOf(
    { run: 'r1', seq: 7, due: epochUsAt(100) - 5000 },
    { enqueued_at: new Date(epochUsAt(100) / 1000 - 2).toISOString() },
  );
  live(tallies, job);
  const [message] = tallies.messages(false);
  assert.ok(message);
  const { phases, series, pages, ...counts } = message;
  assert.deepEqual(counts, {
    run: 'r1',
    completed: 1,
    failed: 0,
    retried: 0,
    duplicated: 0,
    unexpected: 0,
    firstFetchUs: epochUsAt(100),
    lastAckUs: epochUsAt(106),
  });
  assert.deepEqual(Object.fromEntries(Object.entries(phases).map(([phase, { count }]) => [phase, count])), {
    queueWait: 1,
    dispatch: 1,
    service: 1,
    ack: 1,
    endToEnd: 1,
  });
  assert.equal(phases.dispatch!.max, 1000);
  assert.equal(phases.service!.max, 2000);
  assert.equal(phases.ack!.max, 3000);
  assert.ok(Math.abs(phases.endToEnd!.max - 11_000) <= 1);
  // The stamp has whole milliseconds.
  assert.ok(phases.queueWait!.max >= 2000 && phases.queueWait!.max <= 3001);
  assert.deepEqual(series.counts, [1]);
  const ledger = new Ledger();
  for (const page of pages) ledger.mergePage(page);
  assert.ok(ledger.has(7) && ledger.count === 1);
});

test('a run that is not to be recorded keeps its ledger, its counts and its rate, and times nothing', () => {
  const tallies = new Tallies();
  for (const seq of [0, 1, 1])
    live(tallies, jobOf({ run: 'r1', record: 0, seq, due: 1 }, { enqueued_at: new Date().toISOString() }));
  const [message] = tallies.messages(true);
  assert.deepEqual([message!.completed, message!.duplicated, message!.series.counts], [2, 1, [2]]);
  assert.deepEqual([message!.firstFetchUs, message!.lastAckUs], [epochUsAt(100), epochUsAt(106)]);
  assert.deepEqual(message!.phases, {});
  assert.ok(Object.values(tallies.phases()).every(({ count }) => count === 0));
});

test('a sequence number that comes again is a duplicate and nothing else', () => {
  const tallies = new Tallies();
  for (const seq of [3, 4, 3, 3]) live(tallies, jobOf({ run: 'r1', seq, due: 1 }));
  const [message] = tallies.messages(false);
  assert.equal(message!.completed, 2);
  assert.equal(message!.duplicated, 2);
  assert.equal(message!.phases.endToEnd!.count, 2);
  assert.equal(
    message!.series.counts.reduce((sum, count) => sum + count),
    2,
  );
});

test('failures and retries are counted apart from completions', () => {
  const tallies = new Tallies();
  const job = jobOf({ run: 'r1', seq: 0, due: 1 }, { failure: { retry_count: 0, failed_at: '2026-11-22T20:42:32Z' } });
  const tally = tallies.of(job)!;
  tally.fetched(job, 100);
  tally.ended(100, 101, 103);
  tally.failed();
  const [message] = tallies.messages(false);
  assert.deepEqual([message!.completed, message!.failed, message!.retried], [0, 1, 1]);
  assert.equal(message!.phases.service!.count, 1);
  assert.equal(message!.phases.ack!.count, 0);
});

test('pages are told once, all of them when a complete message is asked for', () => {
  const tallies = new Tallies();
  live(tallies, jobOf({ run: 'r1', seq: 1, due: 1 }));
  live(tallies, jobOf({ run: 'r1', seq: 5000, due: 1 }));
  const pagesOf = (complete: boolean) => tallies.messages(complete)[0]!.pages.map(({ page }) => page);
  assert.deepEqual(pagesOf(false), [0, 1]);
  assert.deepEqual(pagesOf(false), []);
  assert.deepEqual(pagesOf(true), [0, 1]);
  live(tallies, jobOf({ run: 'r1', seq: 5001, due: 1 }));
  assert.deepEqual(pagesOf(false), [1]);
  live(tallies, jobOf({ run: 'r1', seq: 5002, due: 1 }));
  assert.deepEqual(pagesOf(true), [0, 1]);
  assert.deepEqual(pagesOf(false), []);
});

test('of histograms what changed is told, all of them first and when a complete message is asked for', () => {
  const tallies = new Tallies();
  const tell = (complete: boolean) => {
    const { changes, count, buckets } = tallies.messages(complete)[0]!.phases.service!;
    return [changes ?? false, count, buckets.length / 2];
  };
  const take = (seq: number, serviceMs: number) => {
    const job = jobOf({ run: 'r1', seq, due: 1 });
    const tally = tallies.of(job)!;
    tally.fetched(job, 100);
    tally.ended(100, 101, 101 + serviceMs);
    tally.completed(job, 101 + serviceMs, 120);
  };
  take(0, 1);
  take(1, 2);
  assert.deepEqual(tell(false), [false, 2, 2]);
  take(2, 2);
  assert.deepEqual(tell(false), [true, 3, 1]);
  assert.deepEqual(tell(false), [true, 3, 0]);
  assert.deepEqual(tell(true), [false, 3, 2]);
  take(3, 5);
  assert.deepEqual(tell(false), [true, 4, 1], 'what a complete message told is not told again');
});

test('jobs of no run have no tally', () => {
  const tallies = new Tallies();
  const customs: (Json | undefined)[] = [undefined, null, {}, 5, 'text', [], { run: 5 }, { run: null }, { run: ['r'] }];
  for (const custom of customs) assert.equal(tallies.of(jobOf(custom)), null, JSON.stringify(custom));
  const proto: Job = JSON.parse(
    '{"jid":"job-00001","jobtype":"add","args":[],"custom":{"__proto__":{"run":"r1","seq":1}}}',
  );
  assert.equal(tallies.of(proto), null);
  assert.deepEqual(tallies.messages(true), []);
});

const weirdSeqs = [
  'undefined',
  '"x"',
  '"5"',
  'null',
  '1.5',
  '-1',
  '1e300',
  '[5]',
  '{}',
  '{"valueOf":1,"toString":1}',
  '4294967296',
];

for (const text of weirdSeqs) {
  test(`a seq of ${text} is unexpected, and counted as nothing else`, () => {
    const tallies = new Tallies();
    const job: Job = jobOf({ run: 'r1', due: 1 });
    if (text !== 'undefined') job.custom!.seq = JSON.parse(text);
    live(tallies, job);
    const [message] = tallies.messages(true);
    assert.deepEqual([message!.completed, message!.unexpected, message!.duplicated], [0, 1, 0]);
    assert.deepEqual(message!.pages, []);
    assert.deepEqual(message!.series.counts, []);
  });
}

const weirdDues = ['undefined', '"x"', '"5"', 'null', '0', '-5', '[5]', '{}', '{"valueOf":1,"toString":1}'];

for (const text of weirdDues) {
  test(`with a due of ${text} a job is completed and has no latency`, () => {
    const tallies = new Tallies();
    const job: Job = jobOf({ run: 'r1', seq: 0 });
    if (text !== 'undefined') job.custom!.due = JSON.parse(text);
    live(tallies, job);
    const [message] = tallies.messages(true);
    assert.equal(message!.completed, 1);
    assert.equal(message!.phases.endToEnd!.count, 0);
  });
}

test('an enqueued_at that is no stamp is left out', () => {
  const tallies = new Tallies();
  for (const text of ['5', 'null', '{}', '""', '"soon"', '"2026-11-22T20:42:32.xZ"'])
    live(tallies, jobOf({ run: 'r1', seq: 0, due: 1 }, { enqueued_at: JSON.parse(text) }));
  assert.equal(tallies.messages(true)[0]!.phases.queueWait!.count, 0);
});

test('runs are told apart by any name', () => {
  const tallies = new Tallies();
  const names = ['__proto__', 'constructor', '', 'ü\u0000', 'r1', 'r2'];
  for (const round of [0, 1]) for (const run of names) live(tallies, jobOf({ run, seq: round, due: 1 }));
  const messages = tallies.messages(true);
  assert.deepEqual(messages.map(({ run }) => run).sort(), [...names].sort());
  for (const { completed } of messages) assert.equal(completed, 2);
});

test('of more runs than eight those that were idle longest are forgotten', () => {
  const tallies = new Tallies();
  for (let i = 0; i < 8; i++) live(tallies, jobOf({ run: `r${i}`, seq: 0, due: 1 }));
  live(tallies, jobOf({ run: 'r0', seq: 1, due: 1 }));
  live(tallies, jobOf({ run: 'r8', seq: 0, due: 1 }));
  const left = tallies.messages(true);
  assert.deepEqual(left.map(({ run }) => run).sort(), ['r0', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8']);
  assert.equal(left.find(({ run }) => run === 'r0')!.completed, 2);
});

test('phases are those of all runs, also of those that made room for others', () => {
  const tallies = new Tallies();
  for (let run = 0; run < 12; run++) live(tallies, jobOf({ run: `r${run}`, seq: 1, due: epochUsAt(100) - 5000 }));
  assert.equal(tallies.messages(false).length, 8);
  assert.equal(tallies.phases().service!.count, 12);
  assert.equal(tallies.phases().endToEnd!.count, 12);
});

test('a delayed job tells how long after its time it was fetched, on its first delivery only', () => {
  const tallies = new Tallies();
  const at = new Date(Math.floor(epochUsAt(100) / 1000) - 4000).toISOString();
  const late = epochUsAt(100) - Date.parse(at) * 1000;
  const custom = { run: 'r1', seq: 1, due: 1 };
  live(tallies, jobOf(custom, { at }));
  live(tallies, jobOf({ ...custom, seq: 2 }, { at, failure: { retry_count: 0, remaining: 1, failed_at: at } }));
  live(tallies, jobOf({ ...custom, seq: 3 }, { at: 'tomorrow' }));
  live(tallies, jobOf({ ...custom, seq: 4 }));
  const { fireLag } = tallies.messages(false)[0]!.phases;
  assert.deepEqual([fireLag?.count, fireLag?.max], [1, late]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toByteText } from '@jobstorm/protocol';
import { makeBlock } from '../src/block.ts';
import type { JobFields } from '../src/job-fields.ts';
import { cutJid, draftJob, makeStamp, readJob, writeJob } from '../src/job-text.ts';

const stamp = makeStamp('S');
const job: JobFields = { jid: 'abcdefgh', jobtype: 't', args: [1, 'x'] };
const jidIn = (fields: JobFields) => {
  const { text, jidStart, jidLength, jidEscaped } = writeJob(fields, stamp, true);
  return cutJid(text, jidStart, jidLength, jidEscaped);
};

test("fields stand in Faktory's order, empty ones are left out", () => {
  assert.equal(
    writeJob(job, stamp, true).text,
    '{"retry":25,"jid":"abcdefgh","queue":"default","jobtype":"t","created_at":"S","enqueued_at":"S","args":[1,"x"]}',
  );
  const full: JobFields = {
    ...job,
    ...{ args: [], backtrace: 5, reserve_for: 60, at: 'A', enqueued_at: 'old', created_at: 'K', queue: 'q', retry: 0 },
    ...{ custom: { b: 1 }, failure: { retry_count: 2, remaining: 3, failed_at: 'F', message: 'm' } },
  };
  assert.equal(
    writeJob(full, stamp, true).text,
    '{"retry":0,"failure":{"failed_at":"F","message":"m","retry_count":2,"remaining":3},"custom":{"b":1},"jid":"abcdefgh",' +
      '"queue":"q","jobtype":"t","created_at":"K","enqueued_at":"S","at":"A","args":[],"reserve_for":60,"backtrace":5}',
  );
  const empty = { ...job, custom: {}, at: '', reserve_for: 0, backtrace: 0, failure: null };
  assert.equal(writeJob(empty, stamp, true).text, writeJob(job, stamp, true).text);
});

test('a job that enters no queue keeps its enqueued_at, or goes without', () => {
  assert.ok(!writeJob(job, stamp, false).text.includes('enqueued_at'));
  assert.ok(writeJob({ ...job, enqueued_at: 'old' }, stamp, false).text.includes('"enqueued_at":"old"'));
});

test('text beyond ASCII is stored as its bytes, and the jid is found by bytes', () => {
  const fields: JobFields = { ...job, jid: 'jid-äöü😀', custom: { text: '€"jid":"no' }, args: ['€'] };
  const { text } = writeJob(fields, stamp, true);
  assert.match(text, /^[\0-\xff]*$/);
  assert.deepEqual(readJob(text).args, ['€']);
  assert.equal(jidIn(fields), toByteText('jid-äöü😀'));
});

test('the jid is found whatever it holds', () => {
  for (const jid of ['abcdefgh', 'a"b\\c\u0000defgh', '","queue":"', '__proto__', 'ü\nü\nü\nü\n']) {
    assert.equal(jidIn({ ...job, jid }), toByteText(jid), jid);
  }
});

test('reservations last 60 s to a day, 1800 s when not said', () => {
  const lasts = (reserveFor: number | null) => writeJob({ ...job, reserve_for: reserveFor }, stamp, true).reserveForS;
  assert.deepEqual([null, 0, -5, 1, 60, 61, 86_400].map(lasts), [1800, 1800, 60, 60, 60, 61, 86_400]);
});

test('a draft copies to the very bytes that the kept text does, at any length, and zeros fill its last word', () => {
  for (const letters of [...Array(9).keys(), 900, 1021, 1022, 1023, 1024, 3000, 70_001, 1_100_003]) {
    const fields = { ...job, args: [`ü${'x'.repeat(letters)}`] };
    const [kept, draft] = [writeJob(fields, stamp, true), draftJob(fields, stamp, true)];
    assert.equal(draft.length, kept.length);
    const blocks = [kept, draft].map((each) => {
      const block = makeBlock(kept.length + 12);
      block.bytes.fill(0xff);
      each.copyTo(block, 4);
      return block.bytes;
    });
    assert.deepEqual(blocks[1], blocks[0]);
    const end = 4 + kept.length;
    assert.equal(blocks[1]!.toString('latin1', 4, end), kept.text);
    assert.ok(blocks[1]!.subarray(end, (end + 3) & ~3).every((byte) => byte === 0));
  }
});

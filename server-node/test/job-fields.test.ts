import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isQueueName, jobRefusal, jobTypeError } from '../src/job-fields.ts';

test('fields of the right type, null or absent are good', () => {
  assert.equal(jobTypeError(null), null);
  assert.equal(jobTypeError({}), null);
  assert.equal(jobTypeError({ jid: null, args: null, retry: null, custom: null, failure: null, unknown: 5 }), null);
  const failure = { retry_count: 1, remaining: 2, failed_at: 'x', backtrace: ['a', 'b'], other: {} };
  assert.equal(jobTypeError({ jid: 'a', args: [{}], retry: -1, custom: {}, failure }), null);
});

test('a wrong type is told as a Go decoder tells it', () => {
  const field = (value: unknown) => jobTypeError(value)?.replace('json: cannot unmarshal ', '');
  assert.equal(field([]), 'array into Go value of type client.Job');
  assert.equal(field('x'), 'string into Go value of type client.Job');
  assert.equal(field({ jid: 5 }), 'number into Go struct field Job.jid of type string');
  assert.equal(field({ at: true }), 'bool into Go struct field Job.at of type string');
  assert.equal(field({ retry: 1.5 }), 'number 1.5 into Go struct field Job.retry of type int');
  assert.equal(field({ args: {} }), 'object into Go struct field Job.args of type []interface {}');
  assert.equal(field({ custom: [] }), 'array into Go struct field Job.custom of type map[string]interface {}');
  assert.equal(field({ failure: [] }), 'array into Go struct field Job.failure of type client.Failure');
  assert.match(field({ failure: { retry_count: 'x' } })!, /retry_count of type int/);
  assert.match(field({ failure: { backtrace: [5] } })!, /backtrace of type \[\]string/);
});

test('rules are checked in their order, in their words', () => {
  assert.equal(jobRefusal({}), 'jobs must have a reasonable jid parameter');
  assert.equal(jobRefusal({ jid: '1234567' }), 'jobs must have a reasonable jid parameter');
  assert.equal(jobRefusal({ jid: 'äöüß' }), 'jobs must have a jobtype parameter'); // 8 bytes
  assert.equal(jobRefusal({ jid: '12345678', jobtype: '' }), 'jobs must have a jobtype parameter');
  assert.equal(jobRefusal({ jid: '12345678', jobtype: 't', args: null }), 'jobs must have an args parameter');
  const job = { jid: '12345678', jobtype: 't', args: [] };
  assert.equal(jobRefusal({ ...job, reserve_for: 86_401 }), 'jobs cannot be reserved for more than one day');
  for (const reserveFor of [86_400, 1, 0, -5]) assert.equal(jobRefusal({ ...job, reserve_for: reserveFor }), null);
});

test('queue names', () => {
  for (const name of ['a', 'A-Z_9.x', '__proto__']) assert.ok(isQueueName(name), name);
  for (const name of ['', 'a b', 'ä', 'a/b', 'a\n']) assert.ok(!isQueueName(name), name);
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ConnectionError, helloLine, ProtocolError } from '../src/index.ts';

const open = { host: 'h', port: 1, password: null };
const closed = { host: 'h', port: 1, password: 's3cret' };
const worker = { wid: 'wid-12345678', hostname: 'höst', pid: 5, labels: ['a', 'b'] };

test('a producer says its version, a worker who it is', () => {
  assert.equal(helloLine('HI {"v":2}', open, null), 'HELLO {"v":2}');
  assert.deepEqual(JSON.parse(helloLine('HI {"v":2}', open, worker).slice('HELLO '.length)), { v: 2, ...worker });
});

test('a password is hashed with the salt and rounds of the greeting, and not sent when none is asked for', () => {
  const pwdhash = createHash('sha256').update('s3cretabc').digest('hex');
  assert.equal(helloLine('HI {"v":2,"i":1,"s":"abc"}', closed, null), `HELLO {"v":2,"pwdhash":"${pwdhash}"}`);
  assert.equal(helloLine('HI {"v":2}', closed, null), 'HELLO {"v":2}');
});

test('a password that is asked for and was not given is EPASSWORD', () => {
  assert.throws(
    () => helloLine('HI {"v":2,"i":5000,"s":"abc"}', open, null),
    (error) =>
      error instanceof ConnectionError &&
      error.code === 'EPASSWORD' &&
      /tcp:\/\/h:1.*FAKTORY_PASSWORD/.test(error.message),
  );
});

const bad: [greeting: string, message: RegExp][] = [
  ['OK', /greeting was "OK"/],
  ['', /greeting was ""/],
  ['HI', /is this a Faktory server/],
  ['HI {"v":2', /expected HI/],
  ['HI {v:2}', /expected HI/],
  ['HI null', /expected HI/],
  ['HI [2]', /expected HI/],
  ['HI {}', /version undefined/],
  ['HI {"v":3}', /version 3/],
  ['HI {"v":"2"}', /version 2 of FWP/],
  ['HI {"v":2,"s":5,"i":5}', /text in s/],
  ['HI {"v":2,"s":"x"}', /number in i/],
  ['HI {"v":2,"s":"x","i":1000000000}', /1000000000 rounds/],
  ['HI {"v":2,"s":"x","i":-1}', /-1 rounds/],
];

for (const [greeting, message] of bad) {
  test(`the greeting "${greeting}" is a ProtocolError`, () => {
    assert.throws(
      () => helloLine(greeting, closed, null),
      (error) => error instanceof ProtocolError && message.test(error.message),
    );
  });
}

test('a greeting of any length is quoted in part', () => {
  assert.throws(
    () => helloLine('x'.repeat(10_000), open, null),
    (error: Error) => error.message.length < 200,
  );
});

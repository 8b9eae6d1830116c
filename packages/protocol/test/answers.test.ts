import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectOk, parseObject } from '../src/answers.ts';
import { ProtocolError, parseBeatReply, ServerError, serverError } from '../src/index.ts';

test('BEAT is answered by OK or the state that is wanted; any other state is running', () => {
  assert.equal(parseBeatReply('OK'), 'running');
  assert.equal(parseBeatReply(null), 'running');
  assert.equal(parseBeatReply('{"state":"quiet"}'), 'quiet');
  assert.equal(parseBeatReply('{"state":"terminate"}'), 'terminate');
  assert.equal(parseBeatReply('{"state":"dancing"}'), 'running');
  assert.equal(parseBeatReply('{}'), 'running');
});

test('an answer of another shape is a ProtocolError that quotes it in part', () => {
  for (const text of ['null', '[]', '5', '"x"', '', '{', `{${'x'.repeat(5000)}`]) {
    assert.throws(
      () => parseObject(text),
      (error) => error instanceof ProtocolError && error.message.length < 150,
      text,
    );
    assert.throws(() => parseBeatReply(text), ProtocolError, text);
  }
  assert.throws(() => parseObject(null), /answered nil/);
  assert.throws(() => expectOk('{}'), /answered "\{\}"; expected OK/);
  assert.throws(() => expectOk(null), /answered nil; expected OK/);
  expectOk('OK');
});

test('keys such as __proto__ are plain keys', () => {
  const value = parseObject('{"__proto__":{"x":1}}');
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.ok(Object.hasOwn(value, '__proto__'));
});

test('an error reply is taken apart into code and text', () => {
  const cases: [string, string, string][] = [
    ['ERR Invalid password', 'ERR', 'Invalid password'],
    ['NOTUNIQUE Job not unique', 'NOTUNIQUE', 'Job not unique'],
    ['ERR  two', 'ERR', ' two'],
    ['something else', 'ERR', 'something else'],
    ['ERR', 'ERR', 'ERR'],
  ];
  for (const [text, code, message] of cases) {
    const error = serverError(text);
    assert.ok(error instanceof ServerError);
    assert.deepEqual([error.code, error.message], [code, message]);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonError, maxDepth, parseJson, quote, writeDeep } from '../src/json-text.ts';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

test('every character is quoted as JSON has it', () => {
  for (let code = 0; code < 0x10000; code++) {
    const char = String.fromCharCode(code);
    assert.equal(quote(`<${char}>`), JSON.stringify(`<${char}>`), `U+${code.toString(16)}`);
  }
});

test('objects and arrays are written at any depth up to the limit, the levels above counted', () => {
  for (const levels of [1, 5000, maxDepth - 1]) {
    assert.equal(writeDeep(parseJson(nested(levels)) as object, 0), nested(levels));
  }
  assert.throws(() => writeDeep(parseJson(nested(maxDepth)) as object, 0), JsonError);
  assert.equal(writeDeep(parseJson(nested(maxDepth - 101)) as object, 100), nested(maxDepth - 101));
  assert.throws(() => writeDeep(parseJson(nested(maxDepth - 100)) as object, 100), JsonError);
  const objects = `${'{"a":[1,'.repeat(3000)}"x\\n"${']}'.repeat(3000)}`;
  assert.equal(writeDeep(parseJson(objects) as object, 0), objects);
});

test('a large text nested to the bottom is refused before it is parsed', () => {
  const levels = 2_000_000;
  assert.throws(() => parseJson(nested(levels)), /exceeded max depth/);
  // Brackets in strings are no nesting, however the strings end.
  const wide = `[${'"[[[[\\"[[\\\\",'.repeat(100_000)}1]`;
  assert.ok(wide.length > 1024 * 1024);
  assert.equal((parseJson(wide) as unknown[]).length, 100_001);
});

test('lone surrogates become U+FFFD and pairs stay, in values and keys', () => {
  const parsed = parseJson(
    '{"\\ud800k":"\\uDC00x","pair":"\\ud83d\\ude00","text":"\\\\ud800","twice":"\\ud83d\\ud83d\\ude00"}',
  );
  assert.deepEqual(parsed, { '\ufffdk': '\ufffdx', pair: '😀', text: '\\ud800', twice: '\ufffd😀' });
});

test('what is no JSON says so', () => {
  assert.throws(() => parseJson(''), new JsonError('unexpected end of JSON input'));
  assert.throws(() => parseJson('  '), new JsonError('unexpected end of JSON input'));
  assert.throws(() => parseJson('{bad'), JsonError);
  assert.throws(() => parseJson('{} x'), JsonError);
  assert.throws(() => parseJson('"\u0001"'), JsonError);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonError, maxDepth, parseJson, quote, writeJson } from '../src/json-text.ts';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

test('writes what JSON.stringify writes', () => {
  const values = [
    null,
    true,
    -0,
    1.5e-7,
    1e21,
    '',
    'a"b\\c\u0000\u001f\u007f\u2028é😀',
    [],
    {},
    [1, [2, [3, {}]], { a: [], b: { c: null } }],
    { 'k"ey': 'v', '': 0, 10: 'index', z: false },
  ];
  for (const value of values) assert.equal(writeJson(value), JSON.stringify(value));
});

test('__proto__ is a key like any other', () => {
  const text = '{"__proto__":{"polluted":1},"constructor":2}';
  assert.equal(writeJson(parseJson(text)), text);
});

test('every character is quoted as JSON has it', () => {
  for (let code = 0; code < 0x10000; code++) {
    const char = String.fromCharCode(code);
    assert.equal(quote(`<${char}>`), JSON.stringify(`<${char}>`), `U+${code.toString(16)}`);
  }
});

test('any depth up to the limit is written, beyond it refused', () => {
  for (const levels of [1, 99, 100, 101, 102, 5000, maxDepth - 1]) {
    assert.equal(writeJson(parseJson(nested(levels))), nested(levels));
  }
  assert.throws(() => writeJson(parseJson(nested(maxDepth))), JsonError);
  const objects = `${'{"a":[1,'.repeat(3000)}"x\\n"${']}'.repeat(3000)}`;
  assert.equal(writeJson(parseJson(objects)), objects);
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

test('a number beyond a double is refused', () => {
  assert.throws(() => writeJson(parseJson('[1e400]')), /out of range/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromByteText, toByteText } from '@jobstorm/protocol';
import { JsonError, maxDepth, parseJson } from '../src/json-text.ts';
import { JsonWriter } from '../src/json-writer.ts';

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const writer = new JsonWriter();
const written = (value: unknown) => {
  writer.start();
  writer.value(value);
  return writer.text();
};

test('writes what JSON.stringify writes, as bytes', () => {
  const values = [
    ...[null, true, false, '', [], {}],
    ...[0, 1, 9, 10, 99, 100, -7, 999_999_999, 1_000_000_000, 1_000_000_001, 1_700_000_000_123_456],
    ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, 1.5e-7, 1e21, -0.1],
    ...['a"b\\c\u0000\u001f\u007f\u2028é😀', 'x'.repeat(200), `${'x'.repeat(200)}"ü`],
    [1, [2, [3, {}]], { a: [], b: { c: null } }],
    { 'k"ey': 'v', '': 0, 10: 'index', z: false, ü: ['ü'] },
  ];
  for (const value of values) assert.equal(written(value), toByteText(JSON.stringify(value)));
  assert.equal(written([-0]), '[-0]', 'as Go has it');
});

test('__proto__ is a key like any other', () => {
  const text = '{"__proto__":{"polluted":1},"constructor":2}';
  assert.equal(written(parseJson(text)), text);
});

test('every character comes through', () => {
  for (let code = 0; code < 0x10000; code++) {
    const char = String.fromCharCode(code);
    assert.equal(fromByteText(written(`<${char}>`)), JSON.stringify(`<${char}>`), `U+${code.toString(16)}`);
  }
});

test('any depth up to the limit is written, beyond it refused', () => {
  for (const levels of [1, 99, 100, 101, 102, 5000, maxDepth - 1]) {
    assert.equal(written(parseJson(nested(levels))), nested(levels));
  }
  assert.throws(() => written(parseJson(nested(maxDepth))), JsonError);
});

test('a number beyond a double is refused, and what comes next is written anew', () => {
  assert.throws(() => written(parseJson('["begun",1e400]')), /out of range/);
  assert.equal(written(['next']), '["next"]');
});

test('it grows as needed and gives a large buffer back', () => {
  const long = 'y'.repeat(3_000_000);
  assert.equal(written([long, 'ü']), `["${long}","${toByteText('ü')}"]`);
  assert.equal(written('short'), '"short"');
  const many = Array.from({ length: 50_000 }, (_, i) => `item ${i}`);
  assert.equal(written(many), JSON.stringify(many));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globTest } from '../src/glob.ts';

test("Redis' globs", () => {
  const cases: [pattern: string, text: string, matches: boolean][] = [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['a*c', 'abbbc', true],
    ['a*c', 'abbb', false],
    ['*b*', 'abc', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[abc]x', 'bx', true],
    ['[^abc]x', 'bx', false],
    ['[^abc]x', 'dx', true],
    ['[a-c]', 'b', true],
    ['[c-a]', 'b', true],
    ['[a-c]', 'd', false],
    ['[\\]]', ']', true],
    ['[ab', 'b', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['*ab*ab', 'abxabab', true],
    ['**a**', 'a', true],
    ['A', 'a', false],
  ];
  for (const [pattern, text, matches] of cases) assert.equal(globTest(pattern)(text), matches, `${pattern} on ${text}`);
});

test('many stars on a long text end soon', () => {
  assert.equal(globTest(`${'*a'.repeat(50)}b`)('a'.repeat(10_000)), false);
});

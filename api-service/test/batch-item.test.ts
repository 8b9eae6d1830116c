// The hand-made check of batch items against the schema that it stands for.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { itemMistake, shown } from '../src/batch-item.ts';
import { BatchItem } from '../src/schemas.ts';

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    0,
    -1,
    -2,
    1.5,
    60,
    86_400,
    86_401,
    1_000_001,
    Number.POSITIVE_INFINITY,
  ),
  fc.constantFrom<unknown>(
    '',
    'short',
    'long-enough',
    'a b',
    'a"b-c-d-e',
    'add',
    'divide',
    'sleep',
    'ünïcödé',
    '\u0000',
    '\ud800',
  ),
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.constantFrom<unknown>(
    [],
    [1],
    {},
    { a: 1, b: 2 },
    { a: 1 },
    { a: 1, b: '2' },
    { a: 1, b: 2, c: 3 },
    { a: Number.NaN, b: 1 },
  ),
);
const type = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>('add', 'subtract', 'multiply', 'divide', 'sleep', 'x') },
  odd,
);
const args = fc.oneof({ weight: 3, arbitrary: fc.constantFrom<unknown>({ a: 1, b: 2 }, []) }, odd);
const optional = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const parts = fc.record({
  type,
  args,
  custom: optional(odd),
  queue: optional(odd),
  retry: optional(odd),
  reserve_for: optional(odd),
  jid: optional(odd),
  at: optional(
    fc.oneof(
      odd,
      fc.constantFrom<unknown>('2030-01-31T12:00:00Z', '2030-01-31T12:00:00.5+02:00', '2030-01-31 12:00:00'),
    ),
  ),
});
/** Fields that are undefined are left out, as JSON has it. */
const item = fc.oneof(
  {
    weight: 9,
    arbitrary: parts.map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))),
  },
  odd,
);

describe('itemMistake', () => {
  test('says the same as the schema', () => {
    let good = 0;
    let bad = 0;
    fc.assert(
      fc.property(item, (value) => {
        const accepted = itemMistake(value) === null;
        if (accepted) good++;
        else bad++;
        assert.equal(accepted, Value.Check(BatchItem, value), String(itemMistake(value)));
      }),
      { numRuns: 3000 },
    );
    assert.ok(good > 100 && bad > 100, `both kinds came up: ${good}, ${bad}`);
  });

  test('__proto__ is an unknown field, and what hangs on it is not inherited', () => {
    const sneaky: unknown = JSON.parse('{"__proto__":{"type":"add","args":{"a":1,"b":2}}}');
    assert.match(itemMistake(sneaky) ?? '', /^unknown field "__proto__"/);
  });

  test('names what it got, and never the whole of something big', () => {
    assert.equal(
      itemMistake({ type: 'add', args: { a: 'x'.repeat(1000), b: 1 } }),
      `a must be a number, got "${'x'.repeat(40)}…"`,
    );
    assert.deepEqual(
      [shown({}), shown([]), shown(null), shown(undefined)],
      ['an object', 'an array', 'null', 'undefined'],
    );
  });
});

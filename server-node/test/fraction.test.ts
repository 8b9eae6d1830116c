import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFraction, jobIntegers } from '../src/fraction.ts';

const find = (text: string, level = 1) => findFraction(text, level, jobIntegers);

test('a fraction or an exponent at the level is found with its text', () => {
  assert.deepEqual(find('{"jid":"a","retry": 3.0,"queue":"q"}'), { name: 'retry', literal: '3.0' });
  assert.deepEqual(find('{"reserve_for" :-6e1}'), { name: 'reserve_for', literal: '-6e1' });
  assert.deepEqual(find('[{"retry":1},{"backtrace":1E+2}]', 2), { name: 'backtrace', literal: '1E+2' });
});

test('so is a whole number beyond 64 bits, and only beyond', () => {
  for (const literal of ['9223372036854775808', '-9223372036854775809', '1'.repeat(500)]) {
    assert.deepEqual(find(`{"retry":1,"backtrace": ${literal}}`), { name: 'backtrace', literal });
  }
  for (const literal of ['9223372036854775807', '-9223372036854775808'])
    assert.equal(find(`{"retry":${literal}}`), null);
});

test('whole numbers, deeper fields, other fields and text are no fractions', () => {
  const good = [
    '{"retry":3}',
    '{"retry":3,"custom":{"retry":3.5}}',
    '{"args":[{"retry":1.5}],"retry":1}',
    '{"weight":1.5}',
    '{"args":["\\"retry\\":1.5"],"retry":1}',
    '{"args":["\\\\","retry",":1.5"]}',
  ];
  for (const text of good) assert.equal(find(text), null, text);
});

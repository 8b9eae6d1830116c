import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure } from '../src/failure.ts';

test('an Error gives its name, its message and where it was thrown', () => {
  const failure = describeFailure(new RangeError('too far'));
  assert.equal(failure.errtype, 'RangeError');
  assert.equal(failure.message, 'too far');
  assert.match(failure.backtrace![0]!, /^at .*failure\.test\.ts/);
  assert.ok(failure.backtrace!.length <= 50);
});

test('what is no Error is shown as a console would', () => {
  const shown: [unknown, string][] = [
    ['just text', 'just text'],
    [null, 'null'],
    [undefined, 'undefined'],
    [42, '42'],
    [7n, '7n'],
    [Symbol('why'), 'Symbol(why)'],
    [Object.create(null), '[Object: null prototype] {}'],
    [{ code: 5 }, '{ code: 5 }'],
    [['a', 1], "[ 'a', 1 ]"],
  ];
  for (const [thrown, message] of shown) assert.deepEqual(describeFailure(thrown), { errtype: 'NotAnError', message });
});

class Trap extends Error {
  override get message(): string {
    throw new Error('not even that');
  }
}

const hostile: [string, () => unknown][] = [
  ['a message that throws', () => new Trap()],
  ['a message without a text', () => Object.assign(new Error('x'), { message: Object.create(null) })],
  ['a stack of numbers', () => Object.assign(new Error('x'), { stack: 5 })],
  ['a name that is a symbol', () => Object.assign(new Error('x'), { name: Symbol('n') })],
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
  ['a proxy that throws', () => new Proxy({}, { getPrototypeOf: () => assert.fail('looked at') })],
  ['an inspection that throws', () => ({ [Symbol.for('nodejs.util.inspect.custom')]: () => assert.fail('shown') })],
];

for (const [name, make] of hostile) {
  test(`${name} still gives a type and a message`, () => {
    const failure = describeFailure(make());
    assert.ok(failure.errtype.length > 0);
    assert.equal(typeof failure.message, 'string');
    assert.ok(JSON.stringify(failure).length > 0);
  });
}

test('an error without a name is an Error', () => {
  assert.equal(describeFailure(Object.assign(new Error('x'), { name: '' })).errtype, 'Error');
});

test('a huge message or stack does not make a huge FAIL', () => {
  const big = 'x'.repeat(5_000_000);
  const lines = Array.from({ length: 1000 }, () => big.slice(0, 5000)).join('\n');
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, big.slice(0, 100_000)]));
  for (const thrown of [new Error(big), new Error(lines), big, many, Array.from({ length: 100_000 }, () => many)]) {
    const failure = describeFailure(thrown);
    assert.equal(failure.message.length, 1000);
    assert.ok(JSON.stringify(failure).length < 60_000, `${JSON.stringify(failure).length} characters`);
  }
  assert.equal(describeFailure(Object.assign(new Error('x'), { name: big })).errtype.length, 100);
});

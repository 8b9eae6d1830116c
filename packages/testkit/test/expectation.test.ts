import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anInteger, aTime, bulk, exactly, greeting, json, jsonWith, startsWith } from '../src/expectation.ts';

const asBulk = (value: unknown) => `$9\r\n${JSON.stringify(value)}`;

test('exactly: the text, or a close', () => {
  assert.equal(exactly('+OK').problem('+OK'), null);
  assert.match(exactly('+OK').problem('+OK ') ?? '', /got "\+OK "/);
  assert.match(exactly('+OK').problem(null) ?? '', /got a closed connection/);
  assert.equal(exactly(null).problem(null), null);
  assert.equal(bulk('zwölf').problem('$6\r\nzwölf'), null);
});

test('startsWith: only the beginning is compared, and something has to follow', () => {
  const expectation = startsWith('-ERR invalid JSON: ');
  assert.equal(expectation.problem('-ERR invalid JSON: at 3'), null);
  assert.ok(expectation.problem('-ERR invalid JSON: '));
  assert.ok(expectation.problem('+OK'));
  assert.equal(expectation.comparable('-ERR invalid JSON: a'), expectation.comparable('-ERR invalid JSON: b'));
  assert.notEqual(expectation.comparable('-ERR invalid JSON: a'), expectation.comparable('+OK'));
});

test('json: every key, no more, leaves by matcher', () => {
  const expectation = json({ jid: 'a', retry: 0, at: aTime, args: [1, { b: 2 }] });
  const good = { args: [1, { b: 2 }], at: '2026-01-01T00:00:00.123456789Z', retry: 0, jid: 'a' };
  assert.equal(expectation.problem(asBulk(good)), null);
  assert.match(expectation.problem(asBulk({ ...good, extra: 1 })) ?? '', /\$\.extra is not expected/);
  assert.match(expectation.problem(asBulk({ ...good, retry: 1 })) ?? '', /\$\.retry: 1 is not 0/);
  assert.match(expectation.problem(asBulk({ ...good, at: 'noon' })) ?? '', /\$\.at: "noon" is not a time/);
  assert.match(expectation.problem(asBulk({ ...good, args: [1] })) ?? '', /\$\.args/);
  assert.match(expectation.problem(asBulk({ jid: 'a', at: good.at, args: good.args })) ?? '', /\$\.retry is missing/);
  assert.ok(expectation.problem('$-1'));
  assert.ok(expectation.problem('$3\r\n{x}'));
  assert.ok(expectation.problem(null));
});

test('json: times and the order of keys are not compared, everything else is', () => {
  const expectation = json({ n: anInteger, inside: { text: 'x' } });
  const comparable = (value: unknown) => expectation.comparable(asBulk(value));
  assert.deepEqual(comparable({ n: 1, inside: { text: 'x' } }), comparable({ inside: { text: 'x' }, n: 2 }));
  assert.notDeepEqual(comparable({ n: 1, inside: { text: 'x' } }), comparable({ n: 1, inside: { text: 'y' } }));
  assert.notDeepEqual(comparable({ n: 1, inside: { text: 'x' } }), comparable({ n: 1.5, inside: { text: 'x' } }));
  assert.notDeepEqual(
    comparable({ n: 1, inside: { text: 'x' } }),
    comparable({ n: 1, inside: { text: 'x' }, more: 1 }),
  );
});

test('jsonWith: other keys are neither judged nor compared', () => {
  const expectation = jsonWith({ faktory: { total: 3 } });
  assert.equal(expectation.problem(asBulk({ faktory: { total: 3, more: 1 }, server: {} })), null);
  assert.match(expectation.problem(asBulk({ faktory: { total: 4 } })) ?? '', /\$\.faktory\.total: 4 is not 3/);
  assert.deepEqual(
    expectation.comparable(asBulk({ faktory: { total: 3, more: 1 } })),
    expectation.comparable(asBulk({ faktory: { total: 3 }, other: 2 })),
  );
});

test('own keys with names of JavaScript are compared as any other', () => {
  const pattern = JSON.parse('{"__proto__":{"a":1}}') as unknown;
  assert.equal(json(pattern).problem('$1\r\n{"__proto__":{"a":1}}'), null);
  assert.ok(json(pattern).problem('$1\r\n{"__proto__":{"a":2}}'));
  assert.ok(json(pattern).problem('$1\r\n{}'));
});

test('greeting: HI and its JSON', () => {
  assert.equal(greeting({ v: 2 }).problem('+HI {"v":2}'), null);
  assert.ok(greeting({ v: 2 }).problem('+HI {"v":2,"s":"a"}'));
  assert.ok(greeting({ v: 2 }).problem('+OK'));
});

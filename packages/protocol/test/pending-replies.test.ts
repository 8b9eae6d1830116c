import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReplySink } from '../src/index.ts';
import { PendingReplies } from '../src/pending-replies.ts';

const sink = (): ReplySink => ({ onReply() {}, onError() {} });

test('it does as an array would, through wrap-around and growth', () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 150 }), expires: fc.nat(1000) }),
    fc.record({ shift: fc.integer({ min: 1, max: 150 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(1000), (steps, nowMs) => {
      const pending = new PendingReplies();
      const model: { sink: ReplySink; expires: number }[] = [];
      for (const each of steps) {
        if ('push' in each) {
          for (let i = 0; i < each.push; i++) {
            const entry = { sink: sink(), expires: each.expires + i };
            pending.push(entry.sink, entry.expires);
            model.push(entry);
          }
        } else {
          for (let i = 0; i < each.shift; i++) assert.ok(pending.shift() === (model.shift()?.sink ?? null));
        }
        assert.equal(pending.length, model.length);
        assert.equal(
          pending.anyExpired(nowMs),
          model.some(({ expires }) => expires <= nowMs),
        );
      }
      while (model.length > 0) assert.ok(pending.shift() === model.shift()!.sink);
      assert.equal(pending.shift(), null);
      assert.equal(pending.length, 0);
    }),
  );
});

test('grown while its start is not at the front, the order holds', () => {
  const pending = new PendingReplies();
  const sinks = Array.from({ length: 200 }, sink);
  for (const each of sinks.slice(0, 50)) pending.push(each, 1);
  for (let i = 0; i < 40; i++) assert.ok(pending.shift() === sinks[i]);
  for (const each of sinks.slice(50)) pending.push(each, 1);
  for (let i = 40; i < 200; i++) assert.ok(pending.shift() === sinks[i], `place ${i}`);
});

test('one that may wait for ever never expires', () => {
  const pending = new PendingReplies();
  pending.push(sink(), Number.POSITIVE_INFINITY);
  assert.equal(pending.anyExpired(Number.MAX_VALUE), false);
  pending.push(sink(), 10);
  assert.equal(pending.anyExpired(9), false);
  assert.equal(pending.anyExpired(10), true);
});

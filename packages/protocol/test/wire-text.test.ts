import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromByteText, toByteText } from '../src/index.ts';

test('byte text has one character a byte of the UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(toByteText(text), Buffer.from(text, 'utf8').toString('latin1'));
      assert.equal(fromByteText(toByteText(text)), text);
    }),
  );
});

test('a lone surrogate is sent as U+FFFD', () => {
  assert.equal(fromByteText(toByteText('a\ud800b')), 'a\ufffdb');
});

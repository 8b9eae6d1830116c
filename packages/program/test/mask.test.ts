import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskCredentials } from '../src/mask.ts';

test('whatever may be a password is masked', () => {
  assert.equal(maskCredentials('tcp://:secret@host:7419'), 'tcp://***@host:7419');
  assert.equal(maskCredentials('tcp://user:se@c/r:et@host'), 'tcp://***@host');
  assert.equal(maskCredentials(':secret@host'), '***@host');
  assert.doesNotMatch(maskCredentials('tcp://secret@host'), /secret/);
});

test('text without credentials stays', () => {
  for (const text of ['tcp://host:7419', 'a@b', 'results@home.json', '', 'latency.p99<50ms']) {
    assert.equal(maskCredentials(text), text);
  }
});

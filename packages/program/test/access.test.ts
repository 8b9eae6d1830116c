// Which secrets open the api-service and the control room.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedTokens, accessKey, bearerToken, isOneOf } from '../src/access.ts';

test('the key of a password is the same everywhere, tells it apart from others, and does not hold it', () => {
  assert.equal(accessKey('secret'), accessKey('secret'));
  assert.notEqual(accessKey('secret'), accessKey('Secret'));
  assert.match(accessKey('secret'), /^[A-Za-z0-9_-]{32}$/);
  assert.doesNotMatch(accessKey('secret'), /secret/);
});

test('a sender shows its token first, else the key of the password', () => {
  assert.equal(bearerToken('token', 'secret'), 'token');
  assert.equal(bearerToken(null, 'secret'), accessKey('secret'));
  assert.equal(bearerToken(null, null), null);
});

test('a part with a token takes it and the key of its job server; one without asks nobody', () => {
  const accepted = acceptedTokens('token', 'secret');
  assert.ok(isOneOf('token', accepted));
  assert.ok(isOneOf(accessKey('secret'), accepted));
  for (const wrong of ['', 'tokens', 'secret', accessKey('other')]) assert.ok(!isOneOf(wrong, accepted), wrong);
  assert.deepEqual(acceptedTokens(null, 'secret'), []);
  assert.deepEqual(acceptedTokens('token', null), ['token']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Guard } from '../../src/web/guard.ts';

const basic = (credentials: string) => ({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });

test('with a password whoever knows it may look, by any name', () => {
  const guard = new Guard({ password: 'se:cret', isLoopback: true });
  assert.equal(guard.refusal({ host: 'any.example', ...basic('x:se:cret') }), null);
  assert.deepEqual(guard.refusal({ host: 'localhost' }), { status: 401, text: 'Authorization required' });
  for (const given of ['x:wrong', 'se:cret', 'x:se:cret ']) {
    assert.deepEqual(guard.refusal(basic(given)), { status: 401, text: 'Authorization failed' }, given);
  }
  assert.equal(guard.refusal({ authorization: 'Bearer se:cret' })?.text, 'Authorization required');
});

test('on loopback without a password no name of the network reaches in, so no DNS of others can', () => {
  const guard = new Guard({ password: null, isLoopback: true });
  for (const host of [
    '127.0.0.1:7420',
    'localhost:7420',
    'LOCALHOST',
    '[::1]:7420',
    'a.localhost:1',
    '10.1.2.3:7420',
  ]) {
    assert.equal(guard.refusal({ host }), null, host);
  }
  for (const host of ['evil.example:7420', 'localhost.evil.example', '127.0.0.1.evil.example', '', 'xlocalhost']) {
    assert.equal(guard.refusal({ host })?.status, 403, host);
  }
  assert.equal(new Guard({ password: null, isLoopback: false }).refusal({ host: 'job-server:7420' }), null);
});

test('an action needs the token, and no word of the browser that it came from elsewhere', () => {
  const guard = new Guard({ password: null, isLoopback: true });
  const { token } = guard;
  const host = 'localhost:7420';
  const accepts = (headers: object, given: string | null = token) =>
    guard.crossSiteRefusal({ host, ...headers }, given) === null;
  assert.ok(accepts({}));
  assert.ok(accepts({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:7420' }));
  assert.ok(accepts({ origin: 'https://localhost:7420' }), 'behind a proxy that speaks TLS');
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'http://evil.example' },
    { origin: 'http://localhost:7421' },
    { origin: 'null' },
  ]) {
    assert.ok(!accepts(headers), JSON.stringify(headers));
  }
  for (const wrong of [null, '', `${token}x`, token.slice(1), new Guard({ password: null, isLoopback: true }).token]) {
    assert.ok(!accepts({ 'sec-fetch-site': 'same-origin' }, wrong), String(wrong));
  }
});

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { JobstormError } from '@jobstorm/protocol';
import { freePort } from '@jobstorm/testkit';
import { checkApiToken, tokenError } from '../src/token-check.ts';

const none = { token: null, password: null };

/** An api-service that takes that bearer token. */
async function api(t: TestContext, token: string): Promise<string> {
  const server = createServer(({ url, headers }, response) => {
    assert.equal(url, '/stats');
    response.writeHead(headers.authorization === `Bearer ${token}` ? 200 : 401).end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => new Promise((done) => server.close(done)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('the right token passes; a wrong or missing one is one sentence that says what to set', async (t) => {
  const origin = await api(t, 'secret');
  await checkApiToken(origin, 'secret', none);
  for (const bearer of ['wrong', null]) {
    await assert.rejects(checkApiToken(origin, bearer, { token: bearer, password: null }), (error: unknown) => {
      assert.ok(error instanceof JobstormError && error.code === 'ETOKEN');
      assert.match(error.message, /^the api-service at http:.* set .*JOBSTORM_TOKEN|set it to/);
      assert.doesNotMatch(error.message, /wrong|\n/);
      return true;
    });
  }
});

test('the sentence says what was shown', () => {
  const said = (token: string | null, password: string | null) =>
    tokenError('control room', 'http://room', { token, password }).message;
  assert.match(said('t', 'p'), /does not take the JOBSTORM_TOKEN/);
  assert.match(said(null, 'p'), /does not take the key of the job server's password/);
  assert.match(said(null, null), /asks for a token: set JOBSTORM_TOKEN, or FAKTORY_PASSWORD/);
});

test('no answer is an error too', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  await assert.rejects(checkApiToken(origin, null, none), (error: unknown) => {
    assert.ok(error instanceof JobstormError && error.code === 'EAPI');
    return true;
  });
});

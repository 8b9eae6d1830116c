import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedTokens, accessKey } from '@jobstorm/program';
import { Guard } from '../src/guard.ts';

const at = (headers: Record<string, string>) => ({ headers: { host: '127.0.0.1:7460', ...headers } });

describe('Guard', () => {
  it('lets in what comes by a loopback name', () => {
    const guard = new Guard({ tokens: [] });
    for (const host of ['127.0.0.1:7460', 'localhost:7460', '[::1]:7460', 'localhost', '127.1.2.3:1']) {
      assert.equal(guard.refuse(at({ host }), 'look'), null, host);
    }
  });

  it('turns away names that were made to resolve here, and no name', () => {
    const guard = new Guard({ tokens: [] });
    for (const host of [
      'evil.example:7460',
      '127.0.0.1.evil.example',
      '10.0.0.1:7460',
      '',
      'a/b',
      'x@127.0.0.1',
      '127.0.0.1/../x',
    ]) {
      assert.equal(guard.refuse(at({ host }), 'look')?.status, 403, host);
    }
    assert.equal(guard.refuse({ headers: {} }, 'look')?.status, 403);
  });

  it('turns away pages of other sites, token or not', () => {
    for (const guard of [new Guard({ tokens: [] }), new Guard({ tokens: ['secret'] })]) {
      for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3000', 'http://localhost:7460', '']) {
        assert.equal(guard.refuse(at({ origin, authorization: 'Bearer secret' }), 'look')?.status, 403, origin);
      }
      assert.equal(guard.refuse(at({ origin: 'http://127.0.0.1:7460', authorization: 'Bearer secret' }), 'look'), null);
    }
  });

  it('asks for the token when there is one', () => {
    const guard = new Guard({ tokens: ['secret'] });
    assert.equal(guard.refuse(at({ host: 'room.example:7460', authorization: 'Bearer secret' }), 'look'), null);
    for (const authorization of [
      '',
      'secret',
      'Bearer',
      'Bearer ',
      'Bearer secre',
      'Bearer secrett',
      'Basic secret',
      'Bearer SECRET',
    ]) {
      assert.equal(guard.refuse(at({ authorization }), 'look')?.status, 401, authorization);
    }
    assert.equal(guard.refuse(at({}), 'look')?.status, 401);
    assert.equal(guard.refuse(at({}), 'public'), null, 'what is open to everybody');
  });

  it("takes the key of the job server's password in place of the token", () => {
    const guard = new Guard({ tokens: acceptedTokens('secret', 'hush') });
    assert.equal(guard.refuse(at({ authorization: `Bearer ${accessKey('hush')}` }), 'change'), null);
    for (const wrong of ['hush', accessKey('other')]) {
      assert.equal(guard.refuse(at({ authorization: `Bearer ${wrong}` }), 'look')?.status, 401, wrong);
    }
  });

  it('lets in by any name when it is open, and still no page of another site', () => {
    const guard = new Guard({ tokens: [], open: true });
    assert.equal(guard.refuse(at({ host: 'room.example:7460', origin: 'http://room.example:7460' }), 'change'), null);
    assert.equal(guard.refuse(at({ host: 'room.example', origin: 'http://evil.example' }), 'look')?.status, 403);
    assert.equal(guard.enter(at({}), 'anything'), '', 'no session is needed');
  });

  it('gives a session for a token, and takes it in its place from our own page', () => {
    const guard = new Guard({ tokens: ['secret', 'key'], now: () => 1000 });
    const host = 'room.example:7460';
    const origin = `http://${host}`;
    assert.equal(guard.enter(at({ host }), 'wrong'), null);
    for (const token of ['secret', 'key']) {
      const setCookie = guard.enter(at({ host }), token)!;
      assert.match(setCookie, /^jobstorm-7460=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
      assert.ok(!setCookie.includes(token));
      const cookie = `other=1; ${setCookie.split(';')[0]}; more=2`;
      assert.equal(guard.refuse(at({ host, cookie }), 'look'), null);
      assert.equal(guard.refuse(at({ host, cookie }), 'change')?.status, 403, 'no Origin');
      assert.equal(guard.refuse(at({ host, cookie, origin }), 'change'), null);
      assert.equal(guard.refuse(at({ host, cookie, origin: 'http://evil.example' }), 'change')?.status, 403);
      assert.equal(guard.refuse(at({ host: 'room.example:7461', cookie }), 'look')?.status, 401, 'another port');
      assert.equal(guard.refuse(at({ host, cookie: cookie.replace('; more', 'x; more') }), 'look')?.status, 401);
    }
  });

  it('asks again for the token when a session is over', () => {
    let nowMs = 1000;
    const guard = new Guard({ tokens: ['secret'], now: () => nowMs });
    const cookie = guard.enter(at({}), 'secret')!.split(';')[0]!;
    assert.equal(guard.refuse(at({ cookie }), 'look'), null);
    nowMs += 31 * 86_400_000;
    assert.match(guard.refuse(at({ cookie }), 'look')!.reason, /session has ended/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SettingsError } from '@jobstorm/program';
import { checkExposure, Guard, isLoopback } from '../src/guard.ts';

const at = (headers: Record<string, string>) => ({ headers: { host: '127.0.0.1:7460', ...headers } });

describe('Guard', () => {
  it('lets in what comes by a loopback name', () => {
    const guard = new Guard(null);
    for (const host of ['127.0.0.1:7460', 'localhost:7460', '[::1]:7460', 'localhost', '127.1.2.3:1']) {
      assert.equal(guard.refuse(at({ host })), null, host);
    }
  });

  it('turns away names that were made to resolve here, and no name', () => {
    const guard = new Guard(null);
    for (const host of [
      'evil.example:7460',
      '127.0.0.1.evil.example',
      '10.0.0.1:7460',
      '',
      'a/b',
      'x@127.0.0.1',
      '127.0.0.1/../x',
    ]) {
      assert.equal(guard.refuse(at({ host }))?.status, 403, host);
    }
    assert.equal(guard.refuse({ headers: {} })?.status, 403);
  });

  it('turns away pages of other sites, token or not', () => {
    for (const guard of [new Guard(null), new Guard('secret')]) {
      for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:3000', 'http://localhost:7460', '']) {
        assert.equal(guard.refuse(at({ origin, authorization: 'Bearer secret' }))?.status, 403, origin);
      }
      assert.equal(guard.refuse(at({ origin: 'http://127.0.0.1:7460', authorization: 'Bearer secret' })), null);
    }
  });

  it('asks for the token when there is one', () => {
    const guard = new Guard('secret');
    assert.equal(guard.refuse(at({ host: 'room.example:7460', authorization: 'Bearer secret' })), null);
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
      assert.equal(guard.refuse(at({ authorization }))?.status, 401, authorization);
    }
    assert.equal(guard.refuse(at({}))?.status, 401);
    assert.equal(guard.refuse(at({}), true), null, 'what is open to everybody');
  });
});

describe('checkExposure', () => {
  it('wants a token beyond loopback', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.4', 'room.example', '127.evil.example']) {
      assert.throws(
        () => checkExposure(host, null),
        (error: unknown) => error instanceof SettingsError && error.message.includes(host),
      );
      checkExposure(host, 'secret');
    }
    for (const host of ['127.0.0.1', 'localhost', '::1', '::ffff:127.0.0.1']) {
      assert.equal(isLoopback(host), true);
      checkExposure(host, null);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCookie, Sessions } from '../src/session.ts';

const day = 86_400_000;

describe('a session', () => {
  it('holds for its token for 30 days, also after the control room was started again', () => {
    const value = new Sessions('secret').issue(0);
    const again = new Sessions('secret');
    assert.ok(again.isValid(value, 0));
    assert.ok(again.isValid(value, 30 * day - 1));
    assert.ok(!again.isValid(value, 30 * day));
    assert.ok(!new Sessions('other').isValid(value, 0));
  });

  it('is another one each time, and never the token', () => {
    const sessions = new Sessions('secret');
    assert.notEqual(sessions.issue(0), sessions.issue(0));
    assert.doesNotMatch(sessions.issue(0), /secret/);
    assert.match(sessions.cookie('jobstorm-80', sessions.issue(0)), /^jobstorm-80=[\w.-]+; /);
  });

  it('can not be made up, or made to last longer', () => {
    const sessions = new Sessions('secret');
    const [expires, nonce, seal] = sessions.issue(0).split('.');
    for (const value of [
      '',
      'secret',
      `${Number(expires) + 1}.${nonce}.${seal}`,
      `0${expires}.${nonce}.${seal}`,
      `${expires}.${nonce!.slice(1)}x.${seal}`,
      `${expires}.${nonce}.${seal!.slice(1)}x`,
      `${expires}.${nonce}.${seal}.`,
      `${expires}.${nonce}.`,
      `${expires}.${nonce}`,
    ]) {
      assert.ok(!sessions.isValid(value, 0), value);
    }
  });
});

describe('readCookie', () => {
  it('finds one among others', () => {
    assert.equal(readCookie('a=1; jobstorm-80=x=y ;b=2', 'jobstorm-80'), 'x=y');
    for (const header of [undefined, '', 'jobstorm-80', 'xjobstorm-80=1', 'a=jobstorm-80=1; =2']) {
      assert.equal(readCookie(header, 'jobstorm-80'), null, header);
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutAckJid, readAck, readBeat, readFail } from '../src/payloads.ts';

test('the short way to a jid gives what the long way gives, or nothing', () => {
  const payloads = [
    '{"jid":"abcdefgh"}',
    '{"jid":""}',
    '{"jid":"Ã©abcdefg"}',
    '{"jid":"a\\"b"}',
    '{"jid":"a\\u0041"}',
    '{"jid":"abc","other":"x"}',
    '{"other":"x","jid":"abc"}',
    '{"jid":"abc"} ',
    '{ "jid":"abc"}',
    '{"jid":"abc"}"}',
    '{"jid":"abc',
    '{"jid":"}',
    '{"jid":5}',
    'x',
    '',
  ];
  for (const payload of payloads) {
    const cut = cutAckJid(payload);
    if (cut !== null) assert.equal(cut, readAck(payload), payload);
  }
  assert.equal(cutAckJid('{"jid":"abcdefgh"}'), 'abcdefgh');
});

test('an ACK is an object of texts with a jid', () => {
  assert.equal(readAck('{"jid":"a","b":"c"}'), 'a');
  assert.equal(readAck('{"jid":null}'), '');
  for (const bad of ['{}', '[]', 'null', '5', '{"jid":5}', '{"jid":"x","n":1}', '{"JID":"x"}', '']) {
    assert.equal(readAck(bad), null, bad);
  }
});

test('a FAIL has texts and a list of lines', () => {
  assert.equal(readFail('{"jid":"a","message":"m","backtrace":["x"]}')?.report.message, 'm');
  assert.equal(readFail('null')?.jid, '');
  for (const bad of ['x', '[]', '{"jid":5}', '{"message":1}', '{"backtrace":"x"}', '{"backtrace":[1]}']) {
    assert.equal(readFail(bad), null, bad);
  }
});

test('a BEAT has a wid, perhaps memory and a state', () => {
  assert.deepEqual(readBeat('{"wid":"w","rss_kb":5,"current_state":"quiet"}'), {
    wid: 'w',
    rssKb: 5,
    currentState: 'quiet',
  });
  assert.deepEqual(readBeat('{}'), { wid: '', rssKb: 0, currentState: '' });
  for (const bad of ['x', '{"wid":5}', '{"rss_kb":1.5}', '{"rss_kb":1.0}', '{"current_state":1}']) {
    assert.equal(readBeat(bad), null, bad);
  }
});

test('a field of a FAIL or BEAT that is there again as null keeps what it had; of an ACK it is empty', () => {
  assert.equal(readFail('{"jid":"a","wid":"w", "jid" : null}')?.jid, 'a');
  assert.equal(readFail('{"jid":null}')?.jid, '');
  assert.equal(readFail('{"jid":"a","backtrace":["x",{"jid":null}],"jid":null}'), null);
  assert.deepEqual(readFail('{"jid":"a","message":"\\"jid\\":null","message":null}')?.report.message, '"jid":null');
  assert.equal(readBeat('{"wid":"w1","wid":null,"rss_kb":5,"rss_kb":null}')?.rssKb, 5);
  assert.equal(readBeat('{"wid":"w1","wid":null}')?.wid, 'w1');
  assert.equal(readAck('{"jid":"a","jid":null}'), '');
});

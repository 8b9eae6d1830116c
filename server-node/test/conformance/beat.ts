// BEAT: signs of life and the states of a worker. Section 9.

import { ExchangeList, open, repeatUntil, say } from '@jobstorm/testkit';
import { error, ok } from './jobs.ts';

const list = new ExchangeList('beat');
export const beats = list.exchanges;

const quiet = '$17\r\n{"state":"quiet"}';
const terminate = '$21\r\n{"state":"terminate"}';
const beat = (wid: string, fields: object = {}) => `BEAT ${JSON.stringify({ wid, ...fields })}`;

list.add('a worker that runs is told OK', ({ wid }) => [
  open('main', { wid, hostname: 'h', pid: 1, labels: ['a'] }),
  say(beat(wid), ok),
  say(beat(wid, { rss_kb: 123_456 }), ok),
  say(beat(wid, { rss_kb: null, current_state: null }), ok),
]);

list.add('an unknown wid is named', ({ wid }) => [
  say(beat(wid), error(`unknown worker ${wid}`)),
  say('BEAT {}', error('unknown worker ')),
  open('worker', { wid }),
  say(beat(`${wid}x`), error(`unknown worker ${wid}x`), 'worker'),
]);

list.add('a wid that is there again as null stays', ({ wid }) => [
  open('worker', { wid }),
  say(`BEAT {"wid":"${wid}","wid":null}`, ok, 'worker'),
  say(`BEAT {"wid":"${wid}x","wid":null}`, error(`unknown worker ${wid}x`), 'worker'),
]);

for (const payload of [
  '[]',
  '"x"',
  '{"wid":5}',
  '{"wid":"w","rss_kb":"1"}',
  '{"wid":"w","rss_kb":1.5}',
  '{"wid":"w","rss_kb":1.0}',
  '{"wid":"w"',
  'x',
]) {
  list.add(`BEAT ${payload} is invalid`, () => [say(`BEAT ${payload}`, error(`invalid BEAT ${payload}`))]);
}

list.add('quiet is kept, and answered from then on', ({ wid }) => [
  open('main', { wid }),
  say(beat(wid, { current_state: 'quiet' }), quiet),
  say(beat(wid), quiet),
  say(beat(wid, { current_state: '' }), quiet),
  say(beat(wid, { current_state: 'running' }), quiet),
]);

list.add('quiet goes on to terminate, and never back', ({ wid }) => [
  open('main', { wid }),
  say(beat(wid, { current_state: 'quiet' }), quiet),
  say(beat(wid, { current_state: 'terminate' }), terminate),
  say(beat(wid, { current_state: 'quiet' }), terminate),
  say(beat(wid), terminate),
]);

list.add('running goes to terminate as well', ({ wid }) => [
  open('main', { wid }),
  say(beat(wid, { current_state: 'terminate' }), terminate),
  say(beat(wid), terminate),
]);

list.add('other states are running', ({ wid }) => [
  open('main', { wid }),
  say(beat(wid, { current_state: 'resting' }), ok),
  say(beat(wid), ok),
]);

list.add('any connection may beat for a worker', ({ wid }) => [
  open('worker', { wid }),
  say(beat(wid), ok, 'other'),
  say(beat(wid, { current_state: 'quiet' }), quiet, 'other'),
  say(beat(wid), quiet, 'worker'),
]);

list.add('a worker lives as long as one of its connections, and starts again as running', ({ wid }) => [
  open('one', { wid }),
  open('two', { wid }),
  say(beat(wid, { current_state: 'quiet' }), quiet),
  say('END', null, 'one'),
  say(beat(wid), quiet),
  say('END', null, 'two'),
  repeatUntil(beat(wid), error(`unknown worker ${wid}`)),
  open('three', { wid }),
  say(beat(wid), ok),
]);

list.add('a connection that joins later changes nothing of the state', ({ wid }) => [
  open('one', { wid }),
  say(beat(wid, { current_state: 'quiet' }), quiet),
  open('two', { wid, hostname: 'elsewhere' }),
  say(beat(wid), quiet, 'two'),
]);

list.add('fields may be more, and zero', ({ wid }) => [
  open('main', { wid }),
  say(beat(wid, { rss_kb: 0, mood: { good: true } }), ok),
  say(beat(wid, { rss_kb: -1 }), ok),
]);

list.add('a wid may be any text', ({ wid }) => {
  const odd = `${wid} "__proto__" ä€😀`;
  return [open('main', { wid: odd }), say(beat(odd), ok), say(beat('__proto__'), error('unknown worker __proto__'))];
});

// QUEUE: pause, resume, remove and latency. Section 12.

import { ExchangeList, hear, json, jsonWith, matcher, open, say, send } from '@jobstorm/testkit';
import { delivered, error, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('queue');
export const queues = list.exchanges;

list.add('a paused queue takes jobs and gives none', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`QUEUE PAUSE ${queue}`, ok),
  push({ jid: jid(2), queue }),
  say(`FETCH ${queue}`, nil),
  say(`QUEUE RESUME ${queue}`, ok),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  say(`FETCH ${queue}`, delivered({ jid: jid(2), queue })),
]);

list.add('FETCH passes over a paused queue', ({ queue, jid }) => {
  const other = `${queue}-other`;
  return [
    push({ jid: jid(1), queue }),
    push({ jid: jid(2), queue: other }),
    say(`QUEUE PAUSE ${queue}`, ok),
    say(`FETCH ${queue} ${other}`, delivered({ jid: jid(2), queue: other })),
    say(`QUEUE RESUME ${queue}`, ok),
    say(`FETCH ${queue} ${other}`, delivered({ jid: jid(1), queue })),
  ];
});

list.add('RESUME does not wake a FETCH that began while all was paused', ({ queue, jid }) => [
  push({ jid: jid(1), queue }, 'other'),
  say(`QUEUE PAUSE ${queue}`, ok, 'other'),
  open('main'),
  send(`FETCH ${queue}\r\n`),
  // A few round trips, so that the FETCH is there first.
  ...Array.from({ length: 5 }, () => say('QUEUE LATENCY', '$2\r\n{}', 'other')),
  say('QUEUE LATENCY', '$2\r\n{}', 'third'),
  hear(nil),
  say(`QUEUE RESUME ${queue}`, ok, 'other'),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
]);

list.add('several queues are paused and resumed by one call', ({ queue, jid }) => {
  const names = [`${queue}-a`, `${queue}-b`];
  return [
    ...names.map((name, n) => push({ jid: jid(n), queue: name })),
    say(`QUEUE PAUSE ${names.join(' ')}`, ok),
    say(`FETCH ${names.join(' ')}`, nil),
    say(`QUEUE RESUME ${names.join(' ')}`, ok),
    ...names.map((name, n) => say(`FETCH ${names.join(' ')}`, delivered({ jid: jid(n), queue: name }))),
  ];
});

list.add('a queue that is not known yet is not paused ahead', ({ queue, jid }) => [
  say(`QUEUE PAUSE ${queue}`, ok),
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
]);

list.add('REMOVE takes the jobs, the name and the pause', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`QUEUE PAUSE ${queue}`, ok),
  say(`QUEUE REMOVE ${queue}`, ok),
  say(`FETCH ${queue}`, nil),
  push({ jid: jid(2), queue }),
  say('INFO', jsonWith({ faktory: { queues: { [queue]: 1 } } })),
  say(`FETCH ${queue}`, delivered({ jid: jid(2), queue })),
]);

list.add('unknown names are no mistake', ({ queue }) => [
  say(`QUEUE RESUME ${queue}-never`, ok),
  say(`QUEUE REMOVE ${queue}-never`, ok),
  say(`QUEUE PAUSE ${queue}-never`, ok),
]);

list.add('the subcommand may be in any case', ({ queue }) => [
  say(`QUEUE pause ${queue}`, ok),
  say(`QUEUE Resume ${queue}`, ok),
  say('QUEUE latency', '$2\r\n{}'),
]);

list.add('an unknown subcommand is named in upper case', ({ queue }) => [
  say(`QUEUE frob ${queue}`, error('no such QUEUE subcommand: FROB')),
  say(`QUEUE  PAUSE ${queue}`, error('no such QUEUE subcommand: ')),
]);

const seconds = matcher('an age in seconds', (value) => typeof value === 'number' && value >= 0 && value < 60);

list.add('LATENCY is the age of the oldest job, 0 for none', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`QUEUE LATENCY ${queue} ${queue}-never ${queue}`, json({ [queue]: seconds, [`${queue}-never`]: 0 })),
  say('QUEUE LATENCY', '$2\r\n{}'),
  say('QUEUE LATENCY *', error('QUEUE LATENCY does not support wildcards')),
]);

list.add(
  '* is every known queue',
  ({ queue, jid }) => {
    const names = [`${queue}-a`, `${queue}-b`];
    return [
      ...names.map((name, n) => push({ jid: jid(n), queue: name })),
      say('QUEUE PAUSE *', ok),
      say(`FETCH ${names.join(' ')}`, nil),
      say('QUEUE RESUME *', ok),
      ...names.map((name, n) => say(`FETCH ${names.join(' ')}`, delivered({ jid: jid(n), queue: name }))),
      ...names.map((name, n) => push({ jid: jid(n + 2), queue: name })),
      say('QUEUE REMOVE *', ok),
      say(`FETCH ${names.join(' ')}`, nil),
      say('INFO', jsonWith({ faktory: { total_queues: 0, total_enqueued: 0 } })),
    ];
  },
  'alone',
);

list.add('LATENCY takes a star among other names as a name', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`QUEUE LATENCY ${queue} *`, json({ [queue]: seconds, '*': 0 })),
  say('QUEUE LATENCY ', json({ '': 0 })),
]);

list.add('PAUSE and RESUME twice are as once', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`QUEUE PAUSE ${queue} ${queue}`, ok),
  say(`QUEUE PAUSE ${queue}`, ok),
  say(`QUEUE RESUME ${queue}`, ok),
  say(`QUEUE RESUME ${queue}`, ok),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  say('QUEUE PAUSE ', ok),
]);

list.add('a queue stays paused when it runs full or empty', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  say(`QUEUE PAUSE ${queue}`, ok),
  push({ jid: jid(2), queue }),
  say(`FETCH ${queue}`, nil),
  say(`QUEUE RESUME ${queue}`, ok),
  say(`FETCH ${queue}`, delivered({ jid: jid(2), queue })),
]);

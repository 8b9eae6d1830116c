// FETCH: which job comes next, and how long it waits for one. Section 6.

import { ExchangeList, hear, open, say, send } from '@jobstorm/testkit';
import { delivered, error, job, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('fetch');
export const fetches = list.exchanges;

list.add('a queue has to be named', () => [say('FETCH', error('must call fetch with at least one queue'))]);

list.add('a blank alone is a queue without a name, which is empty', () => [say('FETCH ', nil)]);

list.add('an empty queue is nil after 2 s', ({ queue }) => [say(`FETCH ${queue}`, nil)]);

list.add('names are not judged', ({ queue }) => [say(`FETCH ${queue}/odd* näme`, nil)]);

list.add('a queue is first in, first out', ({ queue, jid }) => [
  ...[1, 2, 3, 4].map((n) => push({ jid: jid(n), queue })),
  ...[1, 2, 3, 4].map((n) => say(`FETCH ${queue}`, delivered({ jid: jid(n), queue }))),
]);

list.add('the leftmost queue that has a job wins every time', ({ queue, jid }) => {
  const [low, high] = [`${queue}-low`, `${queue}-high`];
  return [
    push({ jid: jid(1), queue: low }),
    push({ jid: jid(2), queue: high }),
    push({ jid: jid(3), queue: low }),
    push({ jid: jid(4), queue: high }),
    say(`FETCH ${high} ${low}`, delivered({ jid: jid(2), queue: high })),
    say(`FETCH ${high} ${low}`, delivered({ jid: jid(4), queue: high })),
    say(`FETCH ${high} ${low}`, delivered({ jid: jid(1), queue: low })),
    say(`FETCH none-${queue} ${low}`, delivered({ jid: jid(3), queue: low })),
  ];
});

list.add('a push wakes a blocked FETCH, whichever of its queues it is for', ({ queue, jid }) => {
  const second = `${queue}-second`;
  return [
    open('main'),
    open('producer'),
    send(`FETCH ${queue} ${second}\r\n`),
    push({ jid: jid(1), queue: second }, 'producer'),
    hear(delivered({ jid: jid(1), queue: second })),
    say(`ACK {"jid":"${jid(1)}"}`, ok),
  ];
});

list.add('each blocked FETCH gets one job', ({ queue, jid }) => [
  open('a'),
  open('b'),
  send(`FETCH ${queue}\r\n`, 'a'),
  send(`FETCH ${queue}\r\n`, 'b'),
  push({ jid: jid(1), queue, args: ['same'] }, 'producer'),
  push({ jid: jid(1), queue, args: ['same'] }, 'producer'),
  hear(delivered({ jid: jid(1), queue, args: ['same'] }), 'a'),
  hear(delivered({ jid: jid(1), queue, args: ['same'] }), 'b'),
]);

list.add('a queue named twice is one queue', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue} ${queue}`, delivered({ jid: jid(1), queue })),
  say(`FETCH ${queue} ${queue}`, nil),
]);

list.add('a disconnect gives no job back', ({ queue, jid, wid }) => [
  open('gone', { wid }),
  push({ jid: jid(1), queue }, 'gone'),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue }), 'gone'),
  say('END', null, 'gone'),
  say(`FETCH ${queue}`, nil),
  say(`FAIL {"jid":"${jid(1)}"}`, ok),
]);

for (const state of ['quiet', 'terminate']) {
  list.add(`a worker in state ${state} gets nothing though jobs wait`, ({ queue, jid, wid }) => [
    open('worker', { wid }),
    push({ jid: jid(1), queue }),
    say(`BEAT {"wid":"${wid}","current_state":"${state}"}`, `$${state.length + 12}\r\n{"state":"${state}"}`, 'worker'),
    say(`FETCH ${queue}`, nil, 'worker'),
    say('FETCH', error('must call fetch with at least one queue')),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  ]);
}

list.add('the FETCH that waits longest is served first', ({ queue, jid }) => [
  open('a'),
  open('b'),
  send(`FETCH ${queue}\r\n`, 'a'),
  // A few round trips, so that it is there first.
  ...Array.from({ length: 20 }, () => say('QUEUE LATENCY', '$2\r\n{}', 'producer')),
  send(`FETCH ${queue}\r\n`, 'b'),
  ...Array.from({ length: 20 }, () => say('QUEUE LATENCY', '$2\r\n{}', 'producer')),
  push({ jid: jid(1), queue }, 'producer'),
  hear(delivered({ jid: jid(1), queue }), 'a'),
  push({ jid: jid(2), queue }, 'producer'),
  hear(delivered({ jid: jid(2), queue }), 'b'),
]);

list.add('a blank at the end names a queue without a name, and spoils nothing', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue} `, delivered({ jid: jid(1), queue })),
  say(`FETCH  ${queue}`, nil),
]);

list.add('a PUSHB wakes as many FETCHes as it has jobs', ({ queue, jid }) => [
  open('a'),
  open('b'),
  send(`FETCH ${queue}\r\n`, 'a'),
  send(`FETCH ${queue}\r\n`, 'b'),
  ...Array.from({ length: 20 }, () => say('QUEUE LATENCY', '$2\r\n{}', 'producer')),
  say(`PUSHB [${job({ jid: jid(1), queue })},${job({ jid: jid(1), queue })}]`, '$2\r\n{}', 'producer'),
  hear(delivered({ jid: jid(1), queue }), 'a'),
  hear(delivered({ jid: jid(1), queue }), 'b'),
]);

list.add('200 queues may be named', ({ queue, jid }) => {
  const names = Array.from({ length: 200 }, (_, n) => `${queue}-${n}`);
  return [
    push({ jid: jid(1), queue: names[199] }),
    push({ jid: jid(2), queue: names[100] }),
    say(`FETCH ${names.join(' ')}`, delivered({ jid: jid(2), queue: names[100] })),
    say(`FETCH ${names.join(' ')}`, delivered({ jid: jid(1), queue: names[199] })),
  ];
});

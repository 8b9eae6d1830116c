// The same conversation by TLS: section 1.

import { ExchangeList, hear, leave, open, say, send } from '@jobstorm/testkit';
import { delivered, error, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('tls');
export const tlsExchanges = list.exchanges;

list.add(
  'jobs go in and come out',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue, args: ['ä'] }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: ['ä'] })),
    say(`ACK {"jid":"${jid(1)}"}`, ok),
    say(`FAIL {"jid":"${jid(1)}"}`, error(`Job not found ${jid(1)}`)),
    say(`FETCH ${queue}`, nil),
    say('END', null),
  ],
  'tls',
);

list.add(
  'a job of 4 MB takes many records',
  ({ queue, jid }) => {
    const args = ['x'.repeat(4 * 1024 * 1024)];
    return [push({ jid: jid(1), queue, args }), say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args }))];
  },
  'tls',
);

list.add('silence ends the connection after 2 s', () => [open('main', null), hear('+HI {"v":2}'), hear(null)], 'tls');

list.add(
  'whole lines are still answered after a half-close',
  () => [
    send('QUEUE LATENCY\r\nFROB\r\n'),
    leave('main', 'half-close'),
    hear('$2\r\n{}'),
    hear(error('unknown command FROB')),
    hear(null),
  ],
  'tls',
);

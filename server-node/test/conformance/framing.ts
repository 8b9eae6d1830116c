// Lines, replies and the end of a connection: sections 1 and 14 of FWP's behaviour.

import { ExchangeList, hear, leave, open, say, send, startsWith } from '@jobstorm/testkit';
import { delivered, error, job, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('framing');
export const framing = list.exchanges;

list.add('a line may end in LF alone', ({ queue, jid }) => [
  [send(`PUSH ${job({ jid: jid(1), queue })}\n`), hear(ok)],
  [send(`FETCH ${queue}\n`), hear(delivered({ jid: jid(1), queue }))],
]);

list.add('an unknown verb is named and the connection goes on', () => [
  say('FROB {"a":1}', error('unknown command FROB')),
  say('QUEUE LATENCY', '$2\r\n{}'),
]);

list.add('verbs are case-sensitive', () => [say('push {}', error('unknown command push'))]);

list.add('an empty line and a leading blank are an empty verb', () => [
  say('', error('unknown command ')),
  say(' INFO', error('unknown command ')),
]);

list.add('a tab is part of the verb', () => [say('PUSH\t{}', error('unknown command PUSH\t{}'))]);

list.add('only one line end is stripped', () => [
  send('INFO\r\r\n'),
  hear(startsWith('-ERR unknown command INFO')),
  say('QUEUE LATENCY', '$2\r\n{}'),
]);

list.add('pipelined commands are answered in order', ({ queue, jid }) => [
  send(`PUSH ${job({ jid: jid(1), queue })}\r\nFROB\r\nFETCH ${queue}\r\nACK {"jid":"${jid(1)}"}\r\nQUEUE LATENCY\r\n`),
  hear(ok),
  hear(error('unknown command FROB')),
  hear(delivered({ jid: jid(1), queue })),
  hear(ok),
  hear('$2\r\n{}'),
]);

list.add('a blocked FETCH holds the commands behind it, which then run', ({ queue, jid }) => [
  send(`FETCH ${queue}\r\nPUSH ${job({ jid: jid(1), queue })}\r\nFETCH ${queue}\r\n`),
  hear(nil),
  hear(ok),
  hear(delivered({ jid: jid(1), queue })),
]);

list.add('a line may come in pieces, cut inside a character and inside CRLF', ({ queue, jid }) => {
  const bytes = Buffer.from(`PUSH ${job({ jid: jid(1), queue, args: ['zwölf'] })}\r\n`);
  const inside = bytes.indexOf('ö') + 1;
  return [
    open('main'),
    send(bytes.subarray(0, 3)),
    say('QUEUE LATENCY', '$2\r\n{}', 'other'),
    send(bytes.subarray(3, inside)),
    say('QUEUE LATENCY', '$2\r\n{}', 'other'),
    send(bytes.subarray(inside, -1)),
    say('QUEUE LATENCY', '$2\r\n{}', 'other'),
    send(bytes.subarray(-1)),
    hear(ok),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: ['zwölf'] })),
  ];
});

list.add('a line without its end is dropped when the stream ends', ({ queue, jid }) => [
  send(`PUSH ${job({ jid: jid(1), queue })}`),
  leave('main', 'half-close'),
  hear(null),
  say(`FETCH ${queue}`, nil, 'other'),
]);

list.add('whole lines are still answered after a half-close', ({ queue, jid }) => [
  send(`PUSH ${job({ jid: jid(1), queue })}\r\nFETCH ${queue}\r\nACK {"jid":"${jid(1)}"}\r\n`),
  leave('main', 'half-close'),
  hear(ok),
  hear(delivered({ jid: jid(1), queue })),
  hear(ok),
  hear(null),
]);

list.add('a FETCH that is blocked at the half-close is answered, then the stream ends', ({ queue }) => [
  send(`FETCH ${queue}\r\n`),
  leave('main', 'half-close'),
  hear(nil),
  hear(null),
]);

list.add('a job of 4 MB goes in and comes out', ({ queue, jid }) => {
  const args = ['x'.repeat(4 * 1024 * 1024)];
  return [push({ jid: jid(1), queue, args }), say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args }))];
});

list.add('bulk lengths count bytes', ({ queue, jid }) => {
  const args = ['ä', '€', '😀', 'plain'];
  return [
    push({ jid: jid(1), queue, args }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args })),
    say('QUEUE LATENCY', '$2\r\n{}'),
  ];
});

list.add('invalid UTF-8 becomes U+FFFD', ({ queue, jid }) => {
  const [head = '', tail = ''] = `PUSH ${job({ jid: jid(1), queue, args: ['a|b'] })}\r\n`.split('|');
  return [
    send(Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)])),
    hear(ok),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: ['a\ufffdb'] })),
  ];
});

list.add('a CR between JSON tokens is white space', ({ queue, jid }) => [
  say(`PUSH {"jid":"${jid(1)}",\r"queue":"${queue}","jobtype":"sample","args":[],"retry":25}`, ok),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
]);

list.add('a second HELLO is an unknown command', () => [say('HELLO {"v":2}', error('unknown command HELLO'))]);

list.add('END closes without a reply, and what follows it is ignored', ({ queue, jid }) => [
  send(`PUSH ${job({ jid: jid(1), queue })}\r\nEND\r\nPUSH ${job({ jid: jid(2), queue })}\r\n`),
  hear(ok),
  hear(null),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue }), 'other'),
  say(`FETCH ${queue}`, nil, 'other'),
]);

list.add('commands of the paid editions say so', () => [
  say('BATCH NEW {}', error('batch subsystem is only available in Faktory Enterprise')),
  say('TRACK GET somejob', error('tracking subsystem is only available in Faktory Enterprise')),
]);

for (const verb of ['PUSH', 'PUSHB', 'ACK', 'FAIL', 'BEAT', 'QUEUE', 'QUEUE PAUSE', 'QUEUE RESUME', 'QUEUE REMOVE']) {
  // Real Faktory stumbles over these and says "internal error"; the words are no part of the protocol.
  list.add(`${verb} alone is an error, and the connection goes on`, () => [
    say(verb, startsWith('-ERR ')),
    say('QUEUE LATENCY', '$2\r\n{}'),
  ]);
}

list.add('END takes no notice of arguments', () => [say('END now', null)]);

list.add('every command of the paid editions says so, whatever follows', () => [
  say('BATCH', error('batch subsystem is only available in Faktory Enterprise')),
  say('BATCH COMMIT b-1', error('batch subsystem is only available in Faktory Enterprise')),
  say('TRACK', error('tracking subsystem is only available in Faktory Enterprise')),
  say('TRACK SET {"jid":"x"}', error('tracking subsystem is only available in Faktory Enterprise')),
]);

list.add('1,000 commands in one write are answered in order', ({ queue, jid }) => {
  const numbers = Array.from({ length: 500 }, (_, n) => n);
  return [
    send(numbers.map((n) => `PUSH ${job({ jid: jid(n), queue, args: [n] })}\r\nFETCH ${queue}\r\n`).join('')),
    ...numbers.flatMap((n) => [hear(ok), hear(delivered({ jid: jid(n), queue, args: [n] }))]),
  ];
});

list.add('a job of 20 MB goes in and comes out', ({ queue, jid }) => {
  const args = ['x'.repeat(20 * 1024 * 1024)];
  return [push({ jid: jid(1), queue, args }), say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args }))];
});

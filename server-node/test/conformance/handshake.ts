// HI and HELLO: section 2. What HELLO does not allow ends the connection without a word.

import {
  ExchangeList,
  greeting,
  hear,
  jsonWith,
  knows,
  leave,
  matcher,
  open,
  repeatUntil,
  say,
  send,
} from '@jobstorm/testkit';
import { error, ok } from './jobs.ts';

const list = new ExchangeList('handshake');
export const handshake = list.exchanges;

/** The password of the suite's `password` servers. */
export const suitePassword = 'correct horse';

const plainHi = '+HI {"v":2}';

/** Connects, hears HI and says the line first. */
function first(line: string, expected: string | null) {
  return [open('main', null), hear(plainHi), ...say(line, expected)];
}

for (const [name, hello] of [
  ['no field at all', '{}'],
  ['version 1', '{"v":1}'],
  ['version 3', '{"v":3}'],
  ['null fields', '{"v":null,"hostname":null,"wid":null,"pid":null,"labels":null,"pwdhash":null}'],
  ['unknown fields', '{"v":2,"colour":{"deep":[1]}}'],
  ['every field', '{"v":2,"hostname":"h","wid":"handshake-every","pid":7,"labels":["a"],"rss_kb":1,"username":"u"}'],
  ['a password hash that nobody asked for', '{"v":2,"pwdhash":"00"}'],
] as const) {
  list.add(`${name} is a good HELLO`, () => [...first(`HELLO ${hello}`, ok), ...say('QUEUE LATENCY', '$2\r\n{}')]);
}

for (const [name, line] of [
  ['a command before HELLO', 'INFO'],
  ['a lower-case hello', 'hello {"v":2}'],
  ['two blanks', 'HELLO  {"v":2}'],
  ['no blank', 'HELLO{"v":2}'],
  ['no JSON', 'HELLO you'],
  ['broken JSON', 'HELLO {"v":2'],
  ['an array', 'HELLO [2]'],
  ['something behind the JSON', 'HELLO {"v":2} x'],
  ['a version in a string', 'HELLO {"v":"2"}'],
  ['version 300', 'HELLO {"v":300}'],
  ['version -1', 'HELLO {"v":-1}'],
  ['version 2.0', 'HELLO {"v":2.0}'],
  ['version 2e0', 'HELLO {"v":2e0}'],
  ['a fraction for pid', 'HELLO {"v":2,"pid":7.0}'],
  ['a number for hostname', 'HELLO {"v":2,"hostname":5}'],
  ['a number for wid', 'HELLO {"v":2,"wid":5}'],
  ['a text for pid', 'HELLO {"v":2,"pid":"7"}'],
  ['numbers for labels', 'HELLO {"v":2,"labels":[1]}'],
  ['an empty line', ''],
] as const) {
  list.add(`${name} ends the connection without a word`, () => first(line, null));
}

list.add('silence ends the connection after 2 s', () => [open('main', null), hear(plainHi), hear(null)]);

list.add(
  'with a password the greeting has rounds and a salt',
  () => [
    open('main', null),
    hear(
      greeting({
        v: 2,
        i: matcher('rounds from 4000 to 8095', (i) => Number.isInteger(i) && Number(i) >= 4000 && Number(i) <= 8095),
        s: matcher('1 to 16 hex digits', (s) => typeof s === 'string' && /^[0-9a-f]{1,16}$/.test(s)),
      }),
    ),
  ],
  'password',
);

list.add(
  'the right password opens',
  () => [open('main', knows(suitePassword)), say('QUEUE LATENCY', '$2\r\n{}')],
  'password',
);

list.add(
  'a wrong password is refused with a word, then closed',
  () => [open('main', knows('wrong'), error('Invalid password')), hear(null)],
  'password',
);

list.add(
  'no password is refused as a wrong one is',
  () => [open('main', () => ({ v: 2 }), error('Invalid password')), hear(null)],
  'password',
);

list.add(
  'an upper-case hash is a wrong one',
  () => [
    open(
      'main',
      (hi) => {
        const { pwdhash, ...rest } = knows(suitePassword)(hi);
        return { ...rest, pwdhash: String(pwdhash).toUpperCase() };
      },
      error('Invalid password'),
    ),
    hear(null),
  ],
  'password',
);

for (const [name, fields] of [
  ['1', { v: 1 }],
  ['none', {}],
] as const) {
  list.add(
    `a client of version ${name} hashes in one round`,
    () => [
      open('main', ({ s = '' }) => knows(suitePassword, fields)({ s, i: 1 })),
      say('QUEUE LATENCY', '$2\r\n{}'),
      open('other', knows(suitePassword, fields), error('Invalid password')),
      hear(null, 'other'),
    ],
    'password',
  );
}

list.add(
  'with a password a command before HELLO ends the connection without a word',
  () => [
    open('main', null),
    hear(
      greeting({ v: 2, i: matcher('rounds', Number.isInteger), s: matcher('a salt', (s) => typeof s === 'string') }),
    ),
    send('INFO\r\n'),
    hear(null),
  ],
  'password',
);

list.add('HELLO may end in LF alone', () => [open('main', null), hear(plainHi), send('HELLO {"v":2}\n'), hear(ok)]);

list.add('commands may come in one write with HELLO, before HI was read', () => [
  open('main', null),
  send('HELLO {"v":2}\r\nQUEUE LATENCY\r\nEND\r\n'),
  hear(plainHi),
  hear(ok),
  hear('$2\r\n{}'),
  hear(null),
]);

list.add('half a HELLO ends the connection after 2 s, too', () => [
  open('main', null),
  hear(plainHi),
  send('HELLO {"v":'),
  hear(null),
]);

list.add('an end before HELLO is answered by an end', () => [
  open('main', null),
  hear(plainHi),
  leave('main', 'half-close'),
  hear(null),
]);

list.add('there may be a blank behind the JSON', () => first('HELLO {"v":2} ', ok));

for (const [name, line] of [
  ['a number for username', 'HELLO {"username":5}'],
  ['a number for pwdhash', 'HELLO {"pwdhash":5}'],
  ['an object for labels', 'HELLO {"labels":{}}'],
  ['a text for rss_kb', 'HELLO {"rss_kb":"1"}'],
  ['a leading blank', ' HELLO {}'],
] as const) {
  list.add(`${name} ends the connection without a word`, () => first(line, null));
}

list.add(
  'a client of version 3 hashes as one of version 2',
  () => [open('main', knows(suitePassword, { v: 3 })), say('QUEUE LATENCY', '$2\r\n{}')],
  'password',
);

list.add(
  'a worker needs the password, too',
  ({ wid }) => [
    open('main', () => ({ v: 2, wid }), error('Invalid password')),
    hear(null),
    open('second', knows(suitePassword, { v: 2, wid })),
    say(`BEAT {"wid":"${wid}"}`, ok, 'second'),
  ],
  'password',
);

const limit = 2000;
list.add(
  `connection ${limit + 1} is told OK and then that it is one too many; the others stay`,
  () => [
    ...Array.from({ length: limit }, (_, n) => open(`c${n}`)),
    open('extra'),
    hear(error(`too many connections: ${limit + 1}`), 'extra'),
    hear(null, 'extra'),
    say('QUEUE LATENCY', '$2\r\n{}', 'c0'),
    say('QUEUE LATENCY', '$2\r\n{}', `c${limit - 1}`),
    say('END', null, 'c0'),
    repeatUntil('INFO', jsonWith({ server: { connections: limit - 1 } }), 10_000, 'c1'),
    open('next'),
    say('QUEUE LATENCY', '$2\r\n{}', 'next'),
  ],
  'alone',
);

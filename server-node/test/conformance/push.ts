// PUSH: what a job has to be, where it goes, and how it comes out again. Sections 3 and 4.

import { ExchangeList, say, startsWith } from '@jobstorm/testkit';
import { delivered, error, job, ok, push } from './jobs.ts';

const list = new ExchangeList('push');
export const pushes = list.exchanges;

list.add('a job comes back by FETCH with the times that the server set', ({ queue, jid }) => [
  push({ jid: jid(1), queue, args: [1, 'two', { three: [null, true] }] }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: [1, 'two', { three: [null, true] }] })),
]);

list.add('text that is no JSON is refused', ({ queue, jid }) => [
  say('PUSH {', startsWith(error('invalid JSON: '))),
  say('PUSH nonsense', startsWith(error('invalid JSON: '))),
  say('PUSH ', startsWith(error('invalid JSON: '))),
  say(`PUSH ${job({ jid: jid(1), queue })} x`, startsWith(error('invalid JSON: '))),
  say('PUSH []', startsWith(error('invalid JSON: '))),
  say('PUSH "text"', startsWith(error('invalid JSON: '))),
]);

for (const [field, value] of [
  ['jid', 12345678],
  ['queue', 5],
  ['jobtype', 5],
  ['args', {}],
  ['args', 'text'],
  ['retry', '3'],
  ['retry', 1.5],
  ['retry', 1e30],
  ['reserve_for', '60'],
  ['at', 5],
  ['created_at', 5],
  ['enqueued_at', 5],
  ['custom', []],
  ['custom', 'text'],
  ['backtrace', '3'],
  ['failure', 'text'],
] as const) {
  list.add(`${field} ${JSON.stringify(value)} is of a wrong type`, ({ queue, jid }) => [
    say(`PUSH ${job({ jid: jid(1), queue, [field]: value })}`, startsWith(error('invalid JSON: '))),
  ]);
}

for (const number of ['3.0', '1e1', '-0.0', '9223372036854775808']) {
  list.add(`a retry written as ${number} is no whole number`, ({ queue, jid }) => [
    say(
      `PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","args":[],"retry":${number}}`,
      startsWith(error('invalid JSON: ')),
    ),
  ]);
}

const noJid = error('jobs must have a reasonable jid parameter');

list.add('a jid is needed, of 8 bytes at least', ({ queue, jid }) => [
  say('PUSH {}', noJid),
  say('PUSH null', noJid),
  say(`PUSH ${job({ queue })}`, noJid),
  say(`PUSH ${job({ queue, jid: null })}`, noJid),
  say(`PUSH ${job({ queue, jid: '' })}`, noJid),
  say(`PUSH ${job({ queue, jid: '1234567' })}`, noJid),
  // Four characters, eight bytes; the queue's name keeps it apart from everybody else's.
  say(`PUSH ${job({ queue, jid: 'éééé' })}`, ok),
  say(`FETCH ${queue}`, delivered({ queue, jid: 'éééé' })),
  push({ queue, jid: `${jid(1)} "quoted" ${'long'.repeat(100)}` }),
]);

list.add('a jobtype is needed', ({ queue, jid }) => {
  const noType = error('jobs must have a jobtype parameter');
  return [
    say(`PUSH ${job({ jid: jid(1), queue, jobtype: undefined })}`, noType),
    say(`PUSH ${job({ jid: jid(1), queue, jobtype: '' })}`, noType),
    say(`PUSH ${job({ jid: jid(1), queue, jobtype: null })}`, noType),
  ];
});

list.add('args are needed, and may be empty', ({ queue, jid }) => {
  const noArgs = error('jobs must have an args parameter');
  return [
    say(`PUSH ${job({ jid: jid(1), queue, args: undefined })}`, noArgs),
    say(`PUSH ${job({ jid: jid(1), queue, args: null })}`, noArgs),
    push({ jid: jid(1), queue, args: [] }),
  ];
});

list.add('a reservation may be as long as a day', ({ queue, jid }) => [
  say(
    `PUSH ${job({ jid: jid(1), queue, reserve_for: 86401 })}`,
    error('jobs cannot be reserved for more than one day'),
  ),
  push({ jid: jid(2), queue, reserve_for: 86400 }),
  push({ jid: jid(3), queue, reserve_for: 1 }),
  push({ jid: jid(4), queue, reserve_for: -5 }),
  say(`FETCH ${queue}`, delivered({ jid: jid(2), queue, reserve_for: 86400 })),
  say(`FETCH ${queue}`, delivered({ jid: jid(3), queue, reserve_for: 1 })),
  say(`FETCH ${queue}`, delivered({ jid: jid(4), queue, reserve_for: -5 })),
]);

list.add('a queue has a name of letters, digits, dot, underscore and minus', ({ queue, jid }) => {
  const refused = (name: string) => error(`cannot get "${name}" queue: queue names must match \\A[a-zA-Z0-9._-]+\\z`);
  return [
    ...['no blanks', 'no/slash', 'naïve', 'star*'].map((name) =>
      say(`PUSH ${job({ jid: jid(1), queue: name })}`, refused(name)),
    ),
    push({ jid: jid(1), queue: `${queue}.A_b-9` }),
    say(`FETCH ${queue}.A_b-9`, delivered({ jid: jid(1), queue: `${queue}.A_b-9` })),
  ];
});

list.add('of several mistakes the first in order is told', ({ jid }) => [
  say('PUSH {"args":5,"jobtype":""}', startsWith(error('invalid JSON: '))),
  say('PUSH {"jid":"short","jobtype":"","reserve_for":99999}', noJid),
  say(`PUSH {"jid":"${jid(1)}","reserve_for":99999,"at":"never"}`, error('jobs must have a jobtype parameter')),
  say(
    `PUSH {"jid":"${jid(1)}","jobtype":"t","reserve_for":99999,"at":"never"}`,
    error('jobs must have an args parameter'),
  ),
  say(
    `PUSH {"jid":"${jid(1)}","jobtype":"t","args":[],"reserve_for":99999,"at":"never","queue":"no way"}`,
    error('jobs cannot be reserved for more than one day'),
  ),
  say(
    `PUSH {"jid":"${jid(1)}","jobtype":"t","args":[],"at":"never","queue":"no way"}`,
    startsWith(error(`invalid timestamp for 'at': "never": `)),
  ),
]);

list.add('fields that FWP does not know are dropped', ({ queue, jid }) => [
  push({ jid: jid(1), queue, priority: 9, unique_for: 60, nested: { a: 1 } }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
]);

list.add('custom comes back as it was, its own meanings ignored', ({ queue, jid }) => {
  const custom = {
    unique_for: 60,
    expires_at: '2020-01-01T00:00:00Z',
    deep: { list: [1, { x: null }] },
    'a b': '<&>\u2028',
  };
  return [
    push({ jid: jid(1), queue, custom }),
    push({ jid: jid(2), queue, custom }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, custom })),
    say(`FETCH ${queue}`, delivered({ jid: jid(2), queue, custom })),
  ];
});

list.add(
  'null is absent, and empty fields vanish; retry 0 stays',
  ({ queue, jid }) => [
    push({
      jid: jid(1),
      queue,
      retry: 0,
      reserve_for: 0,
      backtrace: 0,
      custom: {},
      at: '',
      failure: null,
      created_at: null,
    }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, retry: 0 })),
  ],
  'alone',
);

list.add(
  'backtrace and a negative retry stay',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue, retry: -1, backtrace: 12 }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, retry: -1, backtrace: 12 })),
  ],
  'alone',
);

list.add('created_at is kept word for word, enqueued_at is set anew', ({ queue, jid }) => [
  push({ jid: jid(1), queue, created_at: 'yesterday', enqueued_at: 'long ago' }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, created_at: 'yesterday' })),
]);

list.add('a failure that the client sends is kept', ({ queue, jid }) => {
  const failure = { retry_count: 3, remaining: 22, failed_at: '2026-01-01T00:00:00Z', message: 'm', errtype: 'e' };
  return [push({ jid: jid(1), queue, failure }), say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, failure }))];
});

list.add('one jid may be queued twice', ({ queue, jid }) => [
  push({ jid: jid(1), queue, args: [1] }),
  push({ jid: jid(1), queue, args: [2] }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: [1] })),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: [2] })),
]);

list.add('keys that mean something to JavaScript mean nothing here', ({ queue, jid }) => {
  const text = '{"__proto__":{"polluted":true},"constructor":1,"toString":"x","hasOwnProperty":null}';
  const tricky = JSON.parse(text) as unknown;
  return [
    say(
      `PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","retry":25,"args":[${text}],"custom":${text},"__proto__":{"jid":"x"}}`,
      ok,
    ),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: [tricky], custom: tricky })),
  ];
});

list.add('a queue and a jid may be named as JavaScript names its own', ({ queue, jid }) => [
  push({ jid: '__proto__', queue: '__proto__' }),
  push({ jid: 'constructor', queue: '__proto__' }),
  say('FETCH __proto__', delivered({ jid: '__proto__', queue: '__proto__' })),
  say('FETCH __proto__', delivered({ jid: 'constructor', queue: '__proto__' })),
  say('ACK {"jid":"__proto__"}', ok),
  say('FAIL {"jid":"__proto__"}', error('Job not found __proto__')),
  say('ACK {"jid":"constructor"}', ok),
  push({ jid: jid(1), queue }),
]);

list.add('a lone surrogate becomes U+FFFD, and NUL passes', ({ queue, jid }) => [
  say(`PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","retry":25,"args":["a\\ud800b\\u0000c"]}`, ok),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: ['a\ufffdb\0c'] })),
]);

list.add('args may be nested 5,000 deep', ({ queue, jid }) => {
  const deep = '['.repeat(5000) + ']'.repeat(5000);
  return [
    say(`PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","retry":25,"args":[${deep}]}`, ok),
    say(`FETCH ${queue}`, startsWith('$10')),
    say(`ACK {"jid":"${jid(1)}"}`, ok),
  ];
});

list.add('args nested 10,000 deep are refused, and the connection goes on', ({ queue, jid }) => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000);
  return [
    say(
      `PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","retry":25,"args":[${deep}]}`,
      startsWith(error('invalid JSON: ')),
    ),
    say('QUEUE LATENCY', '$2\r\n{}'),
  ];
});

list.add(
  'without a queue it is `default`',
  ({ jid }) => [
    push({ jid: jid(1) }),
    push({ jid: jid(2), queue: '' }),
    push({ jid: jid(3), queue: null }),
    ...[1, 2, 3].map((n) => say('FETCH default', delivered({ jid: jid(n), queue: 'default' }))),
  ],
  'alone',
);

list.add('numbers in args are doubles', ({ queue, jid }) => {
  const args = [1, 1000, 1e21, 9007199254740992, 0.1, -5e-324, 1.7976931348623157e308];
  const text = '[1.0,1e3,1e21,9007199254740993,0.1,-5e-324,1.7976931348623157e308]';
  return [
    say(`PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","retry":25,"args":${text}}`, ok),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args })),
  ];
});

list.add('a number beyond a double is refused', ({ queue, jid }) => [
  say(
    `PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","retry":25,"args":[1e400]}`,
    startsWith(error('invalid JSON: ')),
  ),
]);

list.add('a failure that the client sends is kept whole', ({ queue, jid }) => {
  const failure = {
    retry_count: 0,
    remaining: 25,
    failed_at: '2026-01-01T00:00:00Z',
    next_at: '2026-01-01T00:01:00Z',
    message: 'm',
    errtype: 'e',
    backtrace: ['a', 'b'],
  };
  return [push({ jid: jid(1), queue, failure }), say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, failure }))];
});

for (const [field, value] of [
  ['retry_count', '1'],
  ['remaining', 1.5],
  ['failed_at', 5],
  ['next_at', 5],
  ['message', 5],
  ['errtype', []],
  ['backtrace', 'x'],
  ['backtrace', [5]],
] as const) {
  list.add(`a failure's ${field} ${JSON.stringify(value)} is of a wrong type`, ({ queue, jid }) => [
    say(`PUSH ${job({ jid: jid(1), queue, failure: { [field]: value } })}`, startsWith(error('invalid JSON: '))),
  ]);
}

list.add(
  'a job that says nothing of retry has 25',
  ({ queue, jid }) => [
    say(`PUSH {"jid":"${jid(1)}","queue":"${queue}","jobtype":"sample","args":[]}`, ok),
    say(`PUSH {"jid":"${jid(2)}","queue":"${queue}","jobtype":"sample","args":[],"retry":null,"reserve_for":null}`, ok),
    say(`PUSHB [{"jid":"${jid(3)}","queue":"${queue}","jobtype":"sample","args":[]}]`, '$2\r\n{}'),
    ...[1, 2, 3].map((n) => say(`FETCH ${queue}`, delivered({ jid: jid(n), queue }))),
  ],
  'alone',
);

list.add('JSON may have blanks anywhere, and a name twice means the last', ({ queue, jid }) => [
  say(
    `PUSH   { "jid" : "${jid(0)}" , "jid":"${jid(1)}", "queue":"${queue}" ,\t"jobtype": "sample","args" : [ ] , "retry":25 }  `,
    ok,
  ),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
]);

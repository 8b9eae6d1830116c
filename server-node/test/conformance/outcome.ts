// ACK and FAIL: how a reservation ends, and what a failure leaves in the job. Sections 7 and 8.

import { aTime, ExchangeList, matcher, type Step, say, startsWith } from '@jobstorm/testkit';
import { delivered, error, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('outcome');
export const outcomes = list.exchanges;

const ack = (jid: string) => say(`ACK {"jid":"${jid}"}`, ok);
const fail = (jid: string, fields: object = {}) => say(`FAIL ${JSON.stringify({ jid, ...fields })}`, ok);
const fromSet = (target: string, jid: string) =>
  say(`MUTATE {"cmd":"requeue","target":"${target}","filter":{"jids":["${jid}"]}}`, ok);

/** FAILs the job, takes it out of the retries at once, and fetches it with that failure. */
function failAndRefetch(job: { jid: string; queue: string; retry?: number }, fields: object, failure: object): Step[] {
  const expected = { failed_at: aTime, next_at: aTime, ...failure };
  return [
    ...fail(job.jid, fields),
    ...fromSet('retries', job.jid),
    ...say(`FETCH ${job.queue}`, delivered({ ...job, failure: expected })),
  ];
}

list.add('ACK ends a reservation, and is no mistake a second time', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  ack(jid(1)),
  ack(jid(1)),
  say(`FAIL {"jid":"${jid(1)}"}`, error(`Job not found ${jid(1)}`)),
]);

list.add('ACK of a job that nobody fetched changes nothing', ({ queue, jid }) => [
  ack(jid(9)),
  push({ jid: jid(1), queue }),
  ack(jid(1)),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
]);

list.add('ACK may come from another connection', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  say(`ACK {"jid":"${jid(1)}"}`, ok, 'other'),
  say(`FAIL {"jid":"${jid(1)}"}`, error(`Job not found ${jid(1)}`)),
]);

for (const payload of [
  '{}',
  '[]',
  'null',
  '{"jid":5}',
  '{"jid":"x","n":1}',
  '{"jid":"x"',
  '{"JID":"x"}',
  '"x"',
  '{"jid":"x"} y',
]) {
  list.add(`ACK ${payload} is invalid`, () => [say(`ACK ${payload}`, error(`invalid ACK ${payload}`))]);
}

list.add('ACK may carry more texts, and a null', () => [
  say('ACK {"jid":"nobody-knows","note":"fine"}', ok),
  say('ACK {"jid":null}', ok),
]);

for (const payload of [
  '[]',
  '{"jid":5}',
  '{"jid":"x","message":5}',
  '{"jid":"x","backtrace":"x"}',
  '{"jid":"x"',
  'text',
]) {
  list.add(`FAIL ${payload} is invalid`, () => [say(`FAIL ${payload}`, error(`invalid FAIL ${payload}`))]);
}

list.add('FAIL without a jid says so', () => [
  say('FAIL {}', error('missing JID')),
  say('FAIL null', error('missing JID')),
  say('FAIL {"jid":""}', error('missing JID')),
]);

list.add('FAIL keeps a jid that is there again as null', ({ jid }) => [
  say(`FAIL {"jid":"${jid(1)}","jid":null}`, error(`Job not found ${jid(1)}`)),
  say(`FAIL {"jid":null,"jid":"${jid(1)}"}`, error(`Job not found ${jid(1)}`)),
  say(`ACK {"jid":"${jid(1)}","jid":null}`, ok),
]);

list.add('FAIL of a job that nobody holds is an error', ({ queue, jid }) => [
  say(`FAIL {"jid":"${jid(9)}"}`, error(`Job not found ${jid(9)}`)),
  push({ jid: jid(1), queue }),
  say(`FAIL {"jid":"${jid(1)}"}`, error(`Job not found ${jid(1)}`)),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  fail(jid(1)),
  say(`FAIL {"jid":"${jid(1)}"}`, error(`Job not found ${jid(1)}`)),
]);

list.add(
  'a failure is told in the job: counts, times and words',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue, retry: 3 }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, retry: 3 })),
    failAndRefetch(
      { jid: jid(1), queue, retry: 3 },
      { errtype: 'TypeError', message: 'no such thing', backtrace: ['at a', 'at b'] },
      { retry_count: 0, remaining: 3, errtype: 'TypeError', message: 'no such thing', backtrace: ['at a', 'at b'] },
    ),
    failAndRefetch(
      { jid: jid(1), queue, retry: 3 },
      { errtype: 'RangeError', message: 'second' },
      { retry_count: 1, remaining: 2, errtype: 'RangeError', message: 'second' },
    ),
  ],
  'alone',
);

list.add('words that are missing or blank are "unknown", others are trimmed', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  failAndRefetch({ jid: jid(1), queue }, {}, { retry_count: 0, remaining: 25, errtype: 'unknown', message: 'unknown' }),
  failAndRefetch(
    { jid: jid(1), queue },
    { errtype: '  \t', message: '  told \n' },
    { retry_count: 1, remaining: 24, errtype: 'unknown', message: 'told' },
  ),
]);

list.add('long words are cut at 100 and 1000 bytes, backtraces at 50 lines', ({ queue, jid }) => {
  const lines = Array.from({ length: 60 }, (_, n) => `line ${n}`);
  return [
    push({ jid: jid(1), queue, backtrace: 2 }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, backtrace: 2 })),
    fail(jid(1), { errtype: 'e'.repeat(150), message: 'm'.repeat(1500), backtrace: lines }),
    fromSet('retries', jid(1)),
    say(
      `FETCH ${queue}`,
      delivered({
        jid: jid(1),
        queue,
        backtrace: 2,
        failure: {
          retry_count: 0,
          remaining: 25,
          errtype: 'e'.repeat(100),
          message: 'm'.repeat(1000),
          backtrace: lines.slice(0, 50),
          failed_at: aTime,
          next_at: aTime,
        },
      }),
    ),
  ];
});

list.add(
  'retry 0: a failed job is gone',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue, retry: 0 }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, retry: 0 })),
    fail(jid(1)),
    fromSet('retries', jid(1)),
    fromSet('dead', jid(1)),
    say(`FETCH ${queue}`, nil),
  ],
  'alone',
);

list.add(
  'retry -1: a failed job is dead at once',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue, retry: -1 }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, retry: -1 })),
    fail(jid(1), { errtype: 'E', message: 'm' }),
    fromSet('dead', jid(1)),
    say(
      `FETCH ${queue}`,
      delivered({
        jid: jid(1),
        queue,
        retry: -1,
        failure: { retry_count: 0, remaining: -1, errtype: 'E', message: 'm', failed_at: aTime },
      }),
    ),
  ],
  'alone',
);

list.add(
  'retry 1: the second failure is the last',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue, retry: 1 }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, retry: 1 })),
    failAndRefetch(
      { jid: jid(1), queue, retry: 1 },
      { message: 'm' },
      { retry_count: 0, remaining: 1, errtype: 'unknown', message: 'm' },
    ),
    fail(jid(1)),
    fromSet('retries', jid(1)),
    say(`FETCH ${queue}`, nil),
    fromSet('dead', jid(1)),
    say(
      `FETCH ${queue}`,
      delivered({
        jid: jid(1),
        queue,
        retry: 1,
        failure: {
          retry_count: 1,
          remaining: 0,
          errtype: 'unknown',
          message: 'unknown',
          failed_at: aTime,
          next_at: aTime,
        },
      }),
    ),
  ],
  'alone',
);

list.add(
  'a failure that came with the job is counted on',
  ({ queue, jid }) => {
    const failure = { retry_count: 4, remaining: 6, failed_at: '2026-01-01T00:00:00Z', message: 'old', errtype: 'Old' };
    return [
      push({ jid: jid(1), queue, retry: 10, failure }),
      say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, retry: 10, failure })),
      fail(jid(1), { errtype: 'New', message: 'new' }),
      fromSet('retries', jid(1)),
      say(
        `FETCH ${queue}`,
        delivered({
          jid: jid(1),
          queue,
          retry: 10,
          failure: {
            retry_count: 5,
            remaining: 5,
            failed_at: '2026-01-01T00:00:00Z',
            next_at: aTime,
            message: 'new',
            errtype: 'New',
          },
        }),
      ),
    ];
  },
  'alone',
);

list.add('a failed job waits: FETCH finds nothing', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, startsWith('$')),
  fail(jid(1)),
  say(`FETCH ${queue}`, nil),
]);

list.add('ACK may have escapes in its jid, and blanks around', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  say(`ACK { "jid" : "\\u006a${jid(1).slice(1)}" } `, ok),
  say(`FAIL {"jid":"${jid(1)}"}`, error(`Job not found ${jid(1)}`)),
]);

list.add('jids beyond ASCII, with quotes and with escapes are found', ({ queue, jid }) => {
  const jids = [`${jid(1)} zwölf €😀`, `${jid(2)} "quoted"`, `${jid(3)} back\\slash\n`];
  return jids.flatMap((each) => [
    push({ jid: each, queue }),
    say(`FETCH ${queue}`, delivered({ jid: each, queue })),
    say(`ACK ${JSON.stringify({ jid: each })}`, ok),
    say(`ACK ${JSON.stringify({ jid: each })}`, ok),
    push({ jid: each, queue }),
    say(`FETCH ${queue}`, delivered({ jid: each, queue })),
    say(`FAIL ${JSON.stringify({ jid: each })}`, ok),
  ]);
});

list.add('FAIL may come from another connection, and carry more', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  say(`FAIL {"jid":"${jid(1)}","errtype":null,"colour":[1],"backtrace":null}`, ok, 'other'),
  fromSet('retries', jid(1)),
  say(
    `FETCH ${queue}`,
    delivered({
      jid: jid(1),
      queue,
      failure: {
        retry_count: 0,
        remaining: 25,
        errtype: 'unknown',
        message: 'unknown',
        failed_at: aTime,
        next_at: aTime,
      },
    }),
  ),
]);

list.add('what remains never goes below 0', ({ queue, jid }) => {
  const failure = { retry_count: 3, remaining: 0, failed_at: '2026-01-01T00:00:00Z', message: 'm', errtype: 'e' };
  return [
    push({ jid: jid(1), queue, failure }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, failure })),
    failAndRefetch(
      { jid: jid(1), queue },
      { message: 'm', errtype: 'e' },
      { ...failure, retry_count: 4, remaining: 0 },
    ),
  ];
});

/** From `min` to `max` seconds from now. */
const inS = (min: number, max: number) =>
  matcher(`${min} to ${max} s from now`, (value) => {
    const seconds = (Date.parse(String(value)) - Date.now()) / 1000;
    // What passed between the server's clock and ours.
    return seconds >= min - 5 && seconds <= max;
  });

list.add('the waits between tries grow: 15 to 44 s, 16 to 74, 31 to 118', ({ queue, jid }) => {
  const bare = { jid: jid(1), queue };
  const words = { errtype: 'e', message: 'm' };
  return [
    push(bare),
    say(`FETCH ${queue}`, delivered(bare)),
    failAndRefetch(bare, words, { ...words, retry_count: 0, remaining: 25, next_at: inS(15, 44) }),
    failAndRefetch(bare, words, { ...words, retry_count: 1, remaining: 24, next_at: inS(16, 74) }),
    failAndRefetch(bare, words, { ...words, retry_count: 2, remaining: 23, next_at: inS(31, 118) }),
  ];
});

list.add('errors echo what came in on one line', ({ jid }) => [
  say(`FAIL {"jid":"${jid(1)}\\u0009x"}`, error(`Job not found ${jid(1)}\tx`)),
  say('ACK {"jid":\r5}', startsWith(error('invalid ACK {"jid":'))),
  say('QUEUE LATENCY', '$2\r\n{}'),
]);

// Times in jobs: what counts as one, and what waits for it. Sections 3, 4 and 15.

import { ExchangeList, repeatUntil, say, startsWith } from '@jobstorm/testkit';
import { delivered, error, fromNow, job, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('times');
export const times = list.exchanges;

for (const at of [
  'tomorrow',
  '2030-01-01',
  '2030-01-01T00:00:00',
  '2030-01-01 00:00:00Z',
  '2030-13-01T00:00:00Z',
  '2030-02-30T00:00:00Z',
  '2030-01-01T24:00:00Z',
  '1893456000',
]) {
  list.add(`at "${at}" is no time`, ({ queue, jid }) => [
    say(`PUSH ${job({ jid: jid(1), queue, at })}`, startsWith(error(`invalid timestamp for 'at': "${at}": `))),
  ]);
}

list.add('at in the past queues at once and stays in the job', ({ queue, jid }) => [
  push({ jid: jid(1), queue, at: '2020-01-01T00:00:00+02:00' }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, at: '2020-01-01T00:00:00+02:00' })),
]);

list.add('at in the future waits', ({ queue, jid }) => {
  const at = fromNow(3_600_000);
  return [
    push({ jid: jid(1), queue, at }),
    say(`FETCH ${queue}`, nil),
    say(`MUTATE {"cmd":"requeue","target":"scheduled","filter":{"jids":["${jid(1)}"]}}`, ok),
    // Requeued by hand it carries no enqueued_at.
    say(`FETCH ${queue}`, startsWith('$')),
    say(`ACK {"jid":"${jid(1)}"}`, ok),
  ];
});

list.add('a job that is due gets to its queue within seconds, enqueued_at set', ({ queue, jid }) => {
  const at = new Date(Date.now() + 1000);
  // `at` differs between two playings, so the pattern names it but does not compare it.
  const pattern = {
    jid: jid(1),
    queue,
    at: { says: 'the time asked for', matches: (value: unknown) => value === at.toISOString() },
  };
  return [
    push({ jid: jid(1), queue, at: at.toISOString() }),
    repeatUntil(`FETCH ${queue}`, delivered(pattern), 15_000),
  ];
});

for (const at of [
  '2030-01-01t00:00:00z',
  '2030-01-01T00:00Z',
  '2030-01-01T00:00:00+0100',
  '2030-01-01T00:00:60Z',
  '2030-01-01T00:60:00Z',
  '2030-01-01T00:00:00+25:00',
  '2030-01-01T00:00:00.Z',
  ' 2030-01-01T00:00:00Z',
  '12030-01-01T00:00:00Z',
]) {
  list.add(`at "${at}" is no time either`, ({ queue, jid }) => [
    say(`PUSH ${job({ jid: jid(1), queue, at })}`, startsWith(error(`invalid timestamp for 'at': "${at}": `))),
  ]);
}

for (const at of [
  '2020-02-29T23:59:59Z',
  '2020-01-01T00:00:00.123456789-11:30',
  '2020-01-01T00:00:00,5Z',
  '2020-01-01T00:00:00+24:00',
  '0001-01-01T00:00:00Z',
  '2020-01-01T5:00:00Z',
]) {
  list.add(`at "${at}" is a time`, ({ queue, jid }) => [
    push({ jid: jid(1), queue, at }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, at })),
  ]);
}

list.add('jobs that fall due together come in the order of their times', ({ queue, jid }) => {
  const dueMs = Date.now() + 900;
  const due = (n: number) => new Date(dueMs + n * 100).toISOString();
  const at = (n: number) => ({ says: 'its time', matches: (value: unknown) => value === due(n) });
  return [
    ...[3, 1, 2].map((n) => push({ jid: jid(n), queue, at: due(n) })),
    repeatUntil(`FETCH ${queue}`, delivered({ jid: jid(1), queue, at: at(1) }), 15_000),
    ...[2, 3].map((n) => repeatUntil(`FETCH ${queue}`, delivered({ jid: jid(n), queue, at: at(n) }), 15_000)),
  ];
});

// MUTATE: clear, kill, discard and requeue in the scheduled, retry and dead sets. Section 13.

import { aTime, ExchangeList, jsonWith, type Step, say, startsWith } from '@jobstorm/testkit';
import { delivered, error, fromNow, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('mutate');
export const mutates = list.exchanges;

const mutate = (cmd: string, target: string, filter?: object) =>
  say(`MUTATE ${JSON.stringify({ cmd, target, ...(filter ? { filter } : {}) })}`, ok);

/** Puts a job into the scheduled set, an hour ahead. */
const schedule = (fields: { jid: string; queue: string; jobtype?: string; args?: unknown[] }) =>
  push({ ...fields, at: fromNow(3_600_000) });

/** FETCHes a job that came out of a set by hand, whatever else is in it, and ends it. */
function fetched(queue: string, jid: string): Step[] {
  return [...say(`FETCH ${queue}`, jsonWith({ jid, queue })), ...say(`ACK {"jid":"${jid}"}`, ok)];
}

list.add('a line that is no command is refused', () => [
  say('MUTATE', error('invalid format')),
  say('MUTATE {"cmd":"frob","target":"retries"}', error('unknown mutate operation')),
  say('MUTATE {"cmd":"KILL","target":"retries"}', error('unknown mutate operation')),
  say('MUTATE {}', error('unknown mutate operation')),
  say('MUTATE null', error('unknown mutate operation')),
  say('MUTATE {"cmd":"frob","target":"nowhere"}', error('unknown mutate operation')),
  say('MUTATE {"cmd":"kill","target":"nowhere"}', error('invalid target for mutation command')),
  say('MUTATE {"cmd":"kill"}', error('invalid target for mutation command')),
  say('MUTATE {"cmd":5}', startsWith('-ERR ')),
  say('MUTATE nonsense', startsWith('-ERR ')),
]);

list.add('requeue by jid takes the payload as it was stored', ({ queue, jid }) => {
  const at = '2040-01-01T00:00:00Z';
  return [
    push({ jid: jid(1), queue, at }),
    push({ jid: jid(2), queue, at }),
    mutate('requeue', 'scheduled', { jids: [jid(1), 'nobody-knows-it'] }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, at, enqueued_at: undefined })),
    say(`FETCH ${queue}`, nil),
    mutate('discard', 'scheduled', { jids: [jid(2)] }),
  ];
});

list.add('discard by jid takes those and no others', ({ queue, jid }) => [
  schedule({ jid: jid(1), queue }),
  schedule({ jid: jid(2), queue }),
  mutate('discard', 'scheduled', { jids: [jid(1)] }),
  mutate('requeue', 'scheduled', { jids: [jid(1), jid(2)] }),
  fetched(queue, jid(2)),
  say(`FETCH ${queue}`, nil),
]);

list.add('kill moves to the dead set', ({ queue, jid }) => [
  schedule({ jid: jid(1), queue }),
  mutate('kill', 'scheduled', { jids: [jid(1)] }),
  mutate('requeue', 'scheduled', { jids: [jid(1)] }),
  say(`FETCH ${queue}`, nil),
  mutate('requeue', 'dead', { jids: [jid(1)] }),
  fetched(queue, jid(1)),
]);

list.add('a failed job can be killed and requeued, its failure kept', ({ queue, jid }) => [
  push({ jid: jid(1), queue }),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
  say(`FAIL {"jid":"${jid(1)}","errtype":"E","message":"m"}`, ok),
  mutate('kill', 'retries', { jids: [jid(1)] }),
  mutate('requeue', 'dead', { jids: [jid(1)] }),
  say(
    `FETCH ${queue}`,
    delivered({
      jid: jid(1),
      queue,
      failure: { retry_count: 0, remaining: 25, errtype: 'E', message: 'm', failed_at: aTime, next_at: aTime },
    }),
  ),
]);

list.add('a jobtype is matched exactly', ({ queue, jid }) => {
  const jobtype = `${queue}-Type`;
  return [
    schedule({ jid: jid(1), queue, jobtype }),
    schedule({ jid: jid(2), queue, jobtype: `${jobtype}Longer` }),
    schedule({ jid: jid(3), queue, jobtype: jobtype.toLowerCase() }),
    mutate('requeue', 'scheduled', { jobtype }),
    fetched(queue, jid(1)),
    say(`FETCH ${queue}`, nil),
    mutate('discard', 'scheduled', { jids: [jid(2), jid(3)] }),
  ];
});

list.add('regexp is a glob over the whole stored job', ({ queue, jid }) => [
  schedule({ jid: jid(1), queue, args: [`${queue}-alpha`] }),
  schedule({ jid: jid(2), queue, args: [`${queue}-beta`] }),
  schedule({ jid: jid(3), queue, args: [`${queue}-gamma`] }),
  mutate('requeue', 'scheduled', { regexp: `${queue}-alpha` }),
  mutate('requeue', 'scheduled', { regexp: `*${queue}-b[aeiou]t?*` }),
  fetched(queue, jid(2)),
  say(`FETCH ${queue}`, nil),
  mutate('discard', 'scheduled', { jids: [jid(1), jid(3)] }),
]);

list.add('regexp and jobtype have to match both', ({ queue, jid }) => [
  schedule({ jid: jid(1), queue, jobtype: `${queue}-A`, args: [`${queue}-mark`] }),
  schedule({ jid: jid(2), queue, jobtype: `${queue}-B`, args: [`${queue}-mark`] }),
  mutate('requeue', 'scheduled', { regexp: `*${queue}-mark*`, jobtype: `${queue}-B` }),
  fetched(queue, jid(2)),
  say(`FETCH ${queue}`, nil),
  mutate('discard', 'scheduled', { jids: [jid(1)] }),
]);

list.add('jids win over the other filters', ({ queue, jid }) => [
  schedule({ jid: jid(1), queue, jobtype: `${queue}-A` }),
  schedule({ jid: jid(2), queue, jobtype: `${queue}-B` }),
  mutate('requeue', 'scheduled', { jids: [jid(1)], jobtype: `${queue}-B`, regexp: '*' }),
  fetched(queue, jid(1)),
  say(`FETCH ${queue}`, nil),
  mutate('discard', 'scheduled', { jids: [jid(2)] }),
]);

const sets = (scheduled: number, retries: number, dead: number) =>
  say('INFO', jsonWith({ faktory: { sets: { scheduled, retries, dead } } }));

list.add(
  'without a filter everything in the set is meant',
  ({ queue, jid }) => [
    ...[1, 2, 3].map((n) => schedule({ jid: jid(n), queue })),
    sets(3, 0, 0),
    mutate('kill', 'scheduled', {}),
    sets(0, 0, 3),
    mutate('requeue', 'dead', { jids: [] }),
    sets(0, 0, 0),
    ...[4, 5].map((n) => schedule({ jid: jid(n), queue })),
    mutate('discard', 'scheduled'),
    sets(0, 0, 0),
    schedule({ jid: jid(6), queue }),
    mutate('clear', 'scheduled', { jids: ['of-no-matter'] }),
    sets(0, 0, 0),
  ],
  'alone',
);

list.add('arguments of a wrong type are refused', () =>
  [
    '{"cmd":"kill","target":5}',
    '{"cmd":"kill","target":"retries","filter":5}',
    '{"cmd":"kill","target":"retries","filter":{"jids":"x"}}',
    '{"cmd":"kill","target":"retries","filter":{"jids":[5]}}',
    '{"cmd":"kill","target":"retries","filter":{"regexp":5}}',
    '{"cmd":"kill","target":"retries","filter":{"jobtype":5}}',
    '[]',
    '"kill"',
  ].map((payload) => say(`MUTATE ${payload}`, startsWith('-ERR '))),
);

list.add('globs: one character, sets, ranges, negation, escapes', ({ queue, jid }) => {
  const marks = ['a1', 'b2', 'c3', '*4'];
  const glob = (pattern: string) => mutate('requeue', 'scheduled', { regexp: `*${queue}=${pattern};*` });
  return [
    ...marks.map((mark, n) => schedule({ jid: jid(n), queue, args: [`${queue}=${mark};`] })),
    glob('?'),
    say(`FETCH ${queue}`, nil),
    glob('[a-b]1'),
    fetched(queue, jid(0)),
    glob('[^a]2'),
    fetched(queue, jid(1)),
    glob('\\*?'),
    fetched(queue, jid(3)),
    glob('[xc]?'),
    fetched(queue, jid(2)),
  ];
});

list.add('a null filter is none, and null fields of a filter are none', ({ queue, jid }) => [
  schedule({ jid: jid(1), queue }),
  say(`MUTATE {"cmd":"requeue","target":"scheduled","filter":{"jids":["${jid(1)}"],"regexp":null,"jobtype":null}}`, ok),
  fetched(queue, jid(1)),
]);

list.add('retries are discarded by jobtype', ({ queue, jid }) => {
  const jobtype = `${queue}-type`;
  return [
    push({ jid: jid(1), queue, jobtype }),
    say(`FETCH ${queue}`, jsonWith({ jid: jid(1) })),
    say(`FAIL {"jid":"${jid(1)}"}`, ok),
    mutate('discard', 'retries', { jobtype }),
    mutate('requeue', 'retries', { jids: [jid(1)] }),
    say(`FETCH ${queue}`, nil),
  ];
});

list.add(
  'each set is cleared by itself, and the dead can be killed again',
  ({ queue, jid }) => [
    ...[1, 2, 3].map((n) => push({ jid: jid(n), queue })),
    ...[1, 2, 3].flatMap((n) => [
      say(`FETCH ${queue}`, jsonWith({ jid: jid(n) })),
      say(`FAIL {"jid":"${jid(n)}"}`, ok),
    ]),
    schedule({ jid: jid(4), queue }),
    mutate('kill', 'retries', { jids: [jid(1)] }),
    sets(1, 2, 1),
    mutate('kill', 'dead'),
    sets(1, 2, 1),
    mutate('clear', 'retries'),
    sets(1, 0, 1),
    mutate('clear', 'dead'),
    sets(1, 0, 0),
    mutate('clear', 'scheduled'),
    sets(0, 0, 0),
    mutate('clear', 'scheduled'),
  ],
  'alone',
);

// PUSHB: many jobs in one call, each judged by itself. Section 5.

import { ExchangeList, json, say, startsWith } from '@jobstorm/testkit';
import { delivered, error, job, nil } from './jobs.ts';

const list = new ExchangeList('pushb');
export const bulkPushes = list.exchanges;

const allGood = '$2\r\n{}';

list.add('all good is an empty object, and the order is kept', ({ queue, jid }) => [
  say(`PUSHB [${[1, 2, 3].map((n) => job({ jid: jid(n), queue, args: [n] })).join(',')}]`, allGood),
  ...[1, 2, 3].map((n) => say(`FETCH ${queue}`, delivered({ jid: jid(n), queue, args: [n] }))),
]);

list.add('no jobs are no mistake', () => [
  say('PUSHB []', allGood),
  say('PUSHB null', allGood),
  say('PUSHB [ ]', allGood),
]);

list.add('what is no array of jobs is refused whole', ({ queue, jid }) => [
  say('PUSHB {}', startsWith(error('invalid JSON: '))),
  say('PUSHB nonsense', startsWith(error('invalid JSON: '))),
  say('PUSHB ', startsWith(error('invalid JSON: '))),
  say('PUSHB [1]', startsWith(error('invalid JSON: '))),
  say(`PUSHB [${job({ jid: jid(1), queue })},"text"]`, startsWith(error('invalid JSON: '))),
  say(
    `PUSHB [${job({ jid: jid(1), queue })},${job({ jid: jid(2), queue, args: 5 })}]`,
    startsWith(error('invalid JSON: ')),
  ),
  say(`PUSHB [${job({ jid: jid(1), queue })}] x`, startsWith(error('invalid JSON: '))),
  say(`FETCH ${queue}`, nil),
]);

list.add('good jobs are queued beside refused ones, which are told by jid', ({ queue, jid }) => {
  const jobs = [
    job({ jid: jid(1), queue }),
    job({ jid: jid(2), queue, jobtype: '' }),
    job({ jid: jid(3), queue, args: null }),
    job({ jid: jid(4), queue, reserve_for: 86401 }),
    job({ jid: jid(5), queue: 'no way' }),
    job({ jid: 'short', queue }),
    job({ jid: jid(6), queue }),
  ];
  const refused = {
    [jid(2)]: 'jobs must have a jobtype parameter',
    [jid(3)]: 'jobs must have an args parameter',
    [jid(4)]: 'jobs cannot be reserved for more than one day',
    [jid(5)]: 'cannot get "no way" queue: queue names must match \\A[a-zA-Z0-9._-]+\\z',
    short: 'jobs must have a reasonable jid parameter',
  };
  return [
    say(`PUSHB [${jobs.join(',')}]`, json(refused)),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
    say(`FETCH ${queue}`, delivered({ jid: jid(6), queue })),
    say(`FETCH ${queue}`, nil),
  ];
});

list.add('jobs without a jid share the key ""', ({ queue }) => [
  say(`PUSHB [${job({ queue })},${job({ queue })},null]`, json({ '': 'jobs must have a reasonable jid parameter' })),
]);

list.add('a bad time is told by jid', ({ queue, jid }) => [
  say(
    `PUSHB [${job({ jid: jid(1), queue, at: 'never' })}]`,
    json({
      [jid(1)]: {
        says: 'the sentence about the timestamp',
        matches: (text: unknown) =>
          typeof text === 'string' && text.startsWith(`invalid timestamp for 'at': "never": `),
      },
    }),
  ),
]);

list.add('a jid named __proto__ is told like any other', ({ queue }) => [
  say(
    `PUSHB [${job({ jid: '__proto__', queue, jobtype: '' })}]`,
    json(JSON.parse('{"__proto__":"jobs must have a jobtype parameter"}')),
  ),
]);

list.add('5,000 jobs in one call', ({ queue, jid }) => [
  say(`PUSHB [${Array.from({ length: 5000 }, (_, n) => job({ jid: jid(n), queue, args: [n] })).join(',')}]`, allGood),
  say(`FETCH ${queue}`, delivered({ jid: jid(0), queue, args: [0] })),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: [1] })),
]);

list.add('jobs for later are scheduled beside those for now', ({ queue, jid }) => {
  const at = '2040-01-01T00:00:00Z';
  return [
    say(`PUSHB [${job({ jid: jid(1), queue, at })},${job({ jid: jid(2), queue })}]`, allGood),
    say(`FETCH ${queue}`, delivered({ jid: jid(2), queue })),
    say(`FETCH ${queue}`, nil),
    say(`MUTATE {"cmd":"requeue","target":"scheduled","filter":{"jids":["${jid(1)}"]}}`, '+OK'),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, at, enqueued_at: undefined })),
  ];
});

list.add('one call may fill several queues', ({ queue, jid }) => [
  say(`PUSHB [${job({ jid: jid(1), queue })},${job({ jid: jid(2), queue: `${queue}-b` })}]`, allGood),
  say(`FETCH ${queue}-b`, delivered({ jid: jid(2), queue: `${queue}-b` })),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
]);

list.add('one jid twice in a call is two jobs', ({ queue, jid }) => [
  say(`PUSHB [${job({ jid: jid(1), queue, args: [1] })},${job({ jid: jid(1), queue, args: [2] })}]`, allGood),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: [1] })),
  say(`FETCH ${queue}`, delivered({ jid: jid(1), queue, args: [2] })),
]);

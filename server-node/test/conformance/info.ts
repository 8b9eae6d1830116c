// INFO and FLUSH: sections 10 and 11. These see the whole server, so each has it alone.

import { anInteger, ExchangeList, json, jsonWith, matcher, open, say } from '@jobstorm/testkit';
import { delivered, fromNow, nil, ok, push } from './jobs.ts';

const list = new ExchangeList('info');
export const infos = list.exchanges;

const aNumber = matcher('a number', (value) => typeof value === 'number');
const aText = matcher('a text', (value) => typeof value === 'string');
/** No queue at all. */
const json0 = matcher('{}', (value) => JSON.stringify(value) === '{}');
const set = { cycles: anInteger, enqueued: anInteger, size: anInteger, wall_time_sec: aNumber };

/** The whole document; what is in `known` is compared, the rest must be of the right kind. */
function document(known: Record<string, unknown> = {}) {
  return json({
    now: aText,
    server_utc_time: matcher(
      'HH:MM:SS UTC',
      (value) => typeof value === 'string' && /^\d\d:\d\d:\d\d UTC$/.test(value),
    ),
    faktory: {
      queues: matcher(
        'queues',
        (value) => typeof value === 'object' && value !== null && Object.values(value).every(Number.isInteger),
      ),
      sets: { dead: anInteger, retries: anInteger, scheduled: anInteger, working: anInteger },
      tasks: {
        Busy: { reaped: anInteger, size: anInteger },
        Workers: { reaped: anInteger, size: anInteger },
        Scheduled: set,
        Retries: set,
        Dead: set,
      },
      total_failures: anInteger,
      total_processed: anInteger,
      total_enqueued: anInteger,
      total_queues: anInteger,
      ...known,
    },
    server: {
      description: 'Faktory',
      faktory_version: matcher('a version 1.x', (value) => typeof value === 'string' && /^1\.\d+\.\d+/.test(value)),
      uptime: anInteger,
      connections: anInteger,
      command_count: anInteger,
      used_memory_mb: anInteger,
    },
  });
}

list.add('INFO has every field', () => [say('INFO', document())], 'alone');

list.add('INFO takes no notice of arguments', () => [say('INFO {"any":"thing"}', document())], 'alone');

list.add(
  'INFO counts queues, sets and totals',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue }),
    push({ jid: jid(2), queue }),
    push({ jid: jid(3), queue: `${queue}-other`, retry: 5 }),
    push({ jid: jid(4), queue, at: fromNow(3_600_000) }),
    say('INFO', jsonWith({ faktory: { queues: { [queue]: 2, [`${queue}-other`]: 1 }, total_enqueued: 3 } })),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
    say(`FETCH ${queue}`, delivered({ jid: jid(2), queue })),
    say(`FETCH ${queue}-other`, delivered({ jid: jid(3), queue: `${queue}-other`, retry: 5 })),
    say('INFO', jsonWith({ faktory: { sets: { working: 3, scheduled: 1 }, total_processed: 0, total_failures: 0 } })),
    say(`ACK {"jid":"${jid(1)}"}`, ok),
    say(`ACK {"jid":"${jid(1)}"}`, ok),
    say(`FAIL {"jid":"${jid(3)}"}`, ok),
    say(
      'INFO',
      jsonWith({
        faktory: {
          queues: { [queue]: 0 },
          sets: { working: 1, scheduled: 1, retries: 1, dead: 0 },
          total_processed: 2,
          total_failures: 1,
          total_enqueued: 0,
        },
      }),
    ),
    say(`ACK {"jid":"${jid(2)}"}`, ok),
  ],
  'alone',
);

list.add(
  'INFO knows the workers and the connections',
  ({ wid }) => [
    open('a', { wid }),
    open('b', { wid }),
    open('c', { wid: `${wid}-other` }),
    say('INFO', jsonWith({ faktory: { tasks: { Workers: { size: 2 } } }, server: { connections: 4 } })),
  ],
  'alone',
);

list.add(
  'FETCH of an unknown queue does not make it known',
  ({ queue }) => [
    say(`FETCH ${queue}`, nil),
    say('INFO', jsonWith({ faktory: { total_enqueued: 0, total_queues: 0 } })),
  ],
  'alone',
);

list.add(
  'FLUSH drops jobs, sets and counters',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue }),
    push({ jid: jid(2), queue, retry: -1 }),
    push({ jid: jid(3), queue, at: fromNow(3_600_000) }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
    say(`ACK {"jid":"${jid(1)}"}`, ok),
    say(`FETCH ${queue}`, delivered({ jid: jid(2), queue, retry: -1 })),
    say(`FAIL {"jid":"${jid(2)}"}`, ok),
    push({ jid: jid(4), queue }),
    say('FLUSH with arguments', ok),
    say(
      'INFO',
      jsonWith({
        faktory: {
          sets: { dead: 0, retries: 0, scheduled: 0, working: 0 },
          total_processed: 0,
          total_failures: 0,
          total_enqueued: 0,
        },
      }),
    ),
    say(`FETCH ${queue}`, nil),
  ],
  'alone',
);

list.add(
  'INFO counts commands, itself among them, without HELLO and unknown verbs',
  () => [
    say('FROB', '-ERR unknown command FROB'),
    say('QUEUE LATENCY', '$2\r\n{}'),
    say('INFO', jsonWith({ server: { command_count: 2, connections: 1 } })),
    say('INFO', jsonWith({ server: { command_count: 3, connections: 1 } })),
  ],
  'alone',
);

list.add(
  'INFO tells the size of each set with its task',
  ({ queue, jid }) => [
    ...[1, 2, 3].map((n) => push({ jid: jid(n), queue })),
    push({ jid: jid(4), queue, at: fromNow(3_600_000) }),
    ...[1, 2, 3].map((n) => say(`FETCH ${queue}`, delivered({ jid: jid(n), queue }))),
    say(`FAIL {"jid":"${jid(1)}"}`, ok),
    say(`FAIL {"jid":"${jid(2)}"}`, ok),
    say(`MUTATE {"cmd":"kill","target":"retries","filter":{"jids":["${jid(2)}"]}}`, ok),
    say(
      'INFO',
      jsonWith({
        faktory: {
          tasks: {
            Busy: { size: 1, reaped: 0 },
            Scheduled: { size: 1 },
            Retries: { size: 1 },
            Dead: { size: 1 },
            Workers: { size: 0, reaped: 0 },
          },
        },
      }),
    ),
  ],
  'alone',
);

list.add(
  'queues are listed from their first job until they are removed, paused or not',
  ({ queue, jid }) => [
    push({ jid: jid(1), queue }),
    say(`FETCH ${queue}`, delivered({ jid: jid(1), queue })),
    say('INFO', jsonWith({ faktory: { queues: { [queue]: 0 }, total_queues: 1 } })),
    say(`QUEUE PAUSE ${queue}`, ok),
    say('INFO', jsonWith({ faktory: { queues: { [queue]: 0 }, total_queues: 1 } })),
    say(`QUEUE REMOVE ${queue}`, ok),
    say('INFO', jsonWith({ faktory: { queues: json0, total_queues: 0 } })),
  ],
  'alone',
);

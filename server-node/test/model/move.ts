// What may happen to a server: commands of a few clients, and time that passes. Small pools of names, so that they meet.

import fc from 'fast-check';

export interface PushedJob {
  jid: string;
  queue: string;
  jobtype: string;
  retry?: number;
  reserve_for?: number;
  /** Seconds from now. */
  inS?: number;
}

export type Filter = { jids: string[] } | { jobtype: string } | { regexp: string } | null;
export type Move =
  | { do: 'push'; client: number; job: PushedJob }
  | { do: 'pushb'; client: number; jobs: PushedJob[] }
  | { do: 'fetch'; client: number; queues: string[] }
  | { do: 'ack' | 'fail'; client: number; jid: string }
  | { do: 'pause' | 'resume' | 'remove' | 'latency'; client: number; names: string[] }
  | { do: 'mutate'; client: number; cmd: string; target: 'scheduled' | 'retries' | 'dead'; filter: Filter }
  | { do: 'flush'; client: number }
  | { do: 'beat'; client: number; of: number; state: '' | 'quiet' | 'terminate' }
  | { do: 'leave'; client: number }
  | { do: 'pass'; ms: number };

/** The first two clients are workers; the last one never fetches, so that there is always one whose moves count. */
export const clientCount = 4;
export const workerCount = 2;
const client = fc.integer({ min: 0, max: clientCount - 1 });
const fetcher = fc.integer({ min: 0, max: clientCount - 2 });
const jid = fc.constantFrom('jid-aaaa1', 'jid-aaaa2', '__proto__', 'jid "ä"\\');
const queue = fc.constantFrom('a', 'constructor');
const jobtype = fc.constantFrom('one', 'two');

const job: fc.Arbitrary<PushedJob> = fc.record(
  {
    jid: fc.oneof({ weight: 12, arbitrary: jid }, { weight: 1, arbitrary: fc.constant('short') }),
    queue: fc.oneof({ weight: 12, arbitrary: queue }, { weight: 1, arbitrary: fc.constant('no way') }),
    jobtype,
    retry: fc.constantFrom(-1, 0, 1, 2, 25),
    reserve_for: fc.constantFrom(1, 60, 90, 86_401),
    inS: fc.constantFrom(-10, 5, 30, 100),
  },
  { requiredKeys: ['jid', 'queue', 'jobtype'] },
);
const names = fc.oneof(
  fc.uniqueArray(queue as fc.Arbitrary<string>, { minLength: 1 }),
  fc.constantFrom<string[][]>(['*'], ['nosuch', 'a']),
);
const filter: fc.Arbitrary<Filter> = fc.oneof(
  fc.constant(null),
  fc.record({ jids: fc.uniqueArray(jid, { maxLength: 2 }) }),
  fc.record({ jobtype }),
  fc.record({ regexp: fc.constantFrom('*', '*"queue":"a"*', 'one') }),
);
const passed = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 10_000, max: 130_000 }),
  fc.constantFrom(2_500_000, 181 * 86_400_000),
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), client, job }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pushb' as const), client, jobs: fc.array(job, { maxLength: 4 }) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('fetch' as const),
      client: fetcher,
      queues: fc.array(queue, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('ack' as const, 'fail' as const), client, jid }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('pause' as const, 'resume' as const, 'remove' as const, 'latency' as const),
      client,
      names,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('mutate' as const),
      client,
      cmd: fc.constantFrom('clear', 'kill', 'discard', 'requeue', 'requeue'),
      target: fc.constantFrom('scheduled' as const, 'retries' as const, 'dead' as const),
      filter,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('beat' as const),
      client,
      of: client,
      state: fc.constantFrom('' as const, '' as const, 'quiet' as const, 'terminate' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), client }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: passed }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const), client }) },
);

export const moves: fc.Arbitrary<Move[]> = fc.array(move, { maxLength: 50, size: 'max' });

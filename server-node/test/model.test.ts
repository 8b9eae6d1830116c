// Random sequences of what clients do, played on the server and on the reference at once. fast-check prints a seed with a failure;
// JOBSTORM_TEST_SEED=SEED plays that run again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import { clientCount, type Move, moves } from './model/move.ts';
import { Reference, type SetName } from './model/reference.ts';
import { Subject } from './model/subject.ts';

const runs = process.env.JOBSTORM_TEST_FULL === '1' ? 100_000 : 5000;

/** As assert.deepEqual, which takes its time to prepare a message that is hardly ever needed. */
function same(had: unknown, expected: unknown, move: Move): void {
  if (!isDeepStrictEqual(had, expected)) assert.deepEqual(had, expected, `after ${JSON.stringify(move)}`);
}

class Pair {
  readonly subject = new Subject();
  readonly reference = new Reference();
  #moves = 0;

  play(move: Move): void {
    // An odd bit of time between any two moves, so that no two dates meet by chance.
    this.#elapse(1000 + ++this.#moves);
    if (move.do === 'pass') this.#elapse(move.ms * 1000);
    this.subject.pass();
    this.reference.pass();
    this.#compare(move);
    if (move.do === 'pass' || (move.do !== 'leave' && this.reference.isHeld(move.client))) return;
    const count = move.do === 'pushb' ? move.jobs.length : 1;
    const serials = Array.from({ length: count }, () => this.reference.nextSerial());
    const expected = this.reference.answer(move, serials);
    same(this.subject.answer(move, serials), expected, move);
    this.#compare(move);
  }

  /** Gets every job out of both, wherever it is. */
  drain(): void {
    for (let client = 0; client < clientCount; client++) this.play({ do: 'leave', client });
    this.play({ do: 'resume', client: 2, names: ['*'] });
    for (const target of ['dead', 'retries', 'scheduled'] as const) {
      this.play({ do: 'mutate', client: 2, cmd: 'requeue', target, filter: null });
    }
    const queues = this.reference.queues.map(({ name }) => name);
    while (this.reference.queues.some(({ jobs }) => jobs.length > 0)) this.play({ do: 'fetch', client: 2, queues });
  }

  #elapse(us: number): void {
    this.subject.clock.us += us;
    this.reference.now = this.subject.clock.us / 1000;
  }

  /** Counts, and what clients were told without asking. */
  #compare(move: Move): void {
    const { subject, reference } = this;
    // A client is told once at most; in which order clients are told is no matter.
    const byClient = (told: Reference['told']) => [...told].sort((a, b) => a.client - b.client);
    same(byClient(subject.told), byClient(reference.told), move);
    subject.told = [];
    reference.told = [];
    const { state } = subject.manager;
    const sizes = (name: SetName) => state.sets[name].size;
    const had = {
      queues: [...state.queues.all()].map(({ name, size, paused }) => [name, size, paused]),
      sets: [sizes('scheduled'), sizes('retries'), sizes('dead'), state.reservations.size],
      counts: [state.processed, state.failures],
    };
    const { scheduled, retries, dead } = reference.sets;
    const expected = {
      queues: reference.queues.map(({ name, jobs, paused }) => [name, jobs.length, paused]),
      sets: [scheduled.length, retries.length, dead.length, reference.working.length],
      counts: [reference.processed, reference.failures],
    };
    same(had, expected, move);
  }
}

test(`${runs} sequences of commands end as the reference says`, (t) => {
  const seed = testSeed();
  t.diagnostic(`JOBSTORM_TEST_SEED=${seed} plays these ${runs} sequences again`);
  let played = 0;
  fc.assert(
    fc.property(moves, (sequence) => {
      const pair = new Pair();
      for (const move of sequence) pair.play(move);
      pair.drain();
      played += sequence.length;
    }),
    { numRuns: runs, seed },
  );
  t.diagnostic(`${played} moves`);
});

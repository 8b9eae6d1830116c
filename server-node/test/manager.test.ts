import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobFields } from '../src/job-fields.ts';
import { readJob } from '../src/job-text.ts';
import { type Fetcher, Manager } from '../src/manager.ts';
import type { Reservation } from '../src/reservations.ts';
import { FakeClock, fakeEpochUs } from './fake-clock.ts';

class Bench {
  readonly clock = new FakeClock();
  random = 0;
  readonly manager = new Manager({ clock: this.clock, random: () => this.random });

  /** Lets time pass in steps of a second, ticking as the server does. */
  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.clock.advance(1000);
      this.manager.readClock();
      this.manager.endWaits();
      while (this.manager.tick());
    }
  }

  push(fields: JobFields): void {
    assert.equal(this.manager.push({ jobtype: 't', args: [], queue: 'q', ...fields }), null);
  }

  list(...queues: string[]) {
    return this.manager.lists.read(queues.length > 0 ? queues.join(' ') : 'q');
  }

  fetch(...queues: string[]): JobFields | null {
    const reservation = this.manager.fetch(this.list(...queues), null);
    return reservation && readJob(reservation.text);
  }

  sizes(): Record<string, number> {
    const { sets, queues } = this.manager.info().faktory;
    return { ...sets, ...queues };
  }
}

class Waiter implements Fetcher {
  readonly got: (string | null)[] = [];

  deliver(reservation: Reservation | null): void {
    this.got.push(reservation?.jid ?? null);
  }
}

const inSeconds = (seconds: number) => new Date(fakeEpochUs / 1000 + seconds * 1000).toISOString();

test('jobs come out first in first out, the leftmost queue first', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-low-1', queue: 'low' });
  bench.push({ jid: 'job-high-1', queue: 'high' });
  bench.push({ jid: 'job-high-2', queue: 'high' });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => bench.fetch('nosuch', 'high', 'low')?.jid),
    ['job-high-1', 'job-high-2', 'job-low-1', undefined],
  );
  assert.deepEqual(bench.sizes(), { dead: 0, retries: 0, scheduled: 0, working: 3, low: 0, high: 0 });
});

test('stamps are made by the server, created_at only when it is missing', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001', enqueued_at: 'nonsense' });
  bench.push({ jid: 'job-00002', created_at: 'kept as it is' });
  const now = '2026-01-02T03:04:05.000006Z';
  const [bare, dated] = [bench.fetch(), bench.fetch()];
  assert.deepEqual([bare?.created_at, bare?.enqueued_at], [now, now]);
  assert.deepEqual([dated?.created_at, dated?.enqueued_at], ['kept as it is', now]);
});

test('a job for later waits for its time, then goes to the tail with a fresh enqueued_at', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-later-2', at: inSeconds(20) });
  bench.push({ jid: 'job-later-1', at: inSeconds(10) });
  bench.push({ jid: 'job-now-1', at: inSeconds(-5) });
  assert.equal(bench.sizes().scheduled, 2);
  assert.equal(bench.fetch()?.jid, 'job-now-1');
  bench.pass(9);
  assert.equal(bench.fetch(), null);
  bench.push({ jid: 'job-now-2' });
  bench.pass(15);
  assert.equal(bench.fetch()?.jid, 'job-now-2');
  const first = bench.fetch();
  assert.equal(first?.jid, 'job-later-1');
  assert.equal(first?.enqueued_at, '2026-01-02T03:04:15.000006Z');
  assert.equal(first?.at, inSeconds(10));
  assert.equal(bench.fetch()?.jid, 'job-later-2');
});

test('more due jobs than a portion all come, in due order', () => {
  const bench = new Bench();
  for (let i = 2499; i >= 0; i--) bench.push({ jid: `job-${10_000 + i}`, at: inSeconds(1 + i / 1000) });
  bench.pass(5);
  const got = Array.from({ length: 2500 }, () => bench.fetch()?.jid);
  assert.deepEqual(
    got,
    Array.from({ length: 2500 }, (_, i) => `job-${10_000 + i}`),
  );
});

test('a bad date or queue name is refused, the name of a scheduled job too', () => {
  const { manager } = new Bench();
  const job = { jid: 'abcdefgh', jobtype: 't', args: [] };
  assert.match(manager.push({ ...job, at: 'tomorrow' })!, /^invalid timestamp for 'at': "tomorrow": /);
  const refusal = 'cannot get "a b" queue: queue names must match \\A[a-zA-Z0-9._-]+\\z';
  assert.equal(manager.push({ ...job, queue: 'a b' }), refusal);
  assert.equal(manager.push({ ...job, queue: 'a b', at: inSeconds(5) }), refusal);
  assert.equal(manager.info().faktory.total_queues, 0);
});

test('acknowledged once: the second time nothing happens', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001' });
  bench.fetch();
  assert.ok(bench.manager.acknowledge('job-00001'));
  assert.ok(!bench.manager.acknowledge('job-00001'));
  assert.ok(!bench.manager.fail('job-00001', {}));
  assert.equal(bench.manager.info().faktory.total_processed, 1);
  assert.equal(bench.manager.info().faktory.total_failures, 0);
});

test('a failed job comes back after its delay until its retries are used up', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001', retry: 1, custom: { kept: true } });
  bench.fetch();
  assert.ok(bench.manager.fail('job-00001', { errtype: 'E', message: 'm' }));
  assert.equal(bench.sizes().retries, 1);
  bench.pass(14);
  assert.equal(bench.fetch(), null);
  bench.pass(1);
  const again = bench.fetch();
  assert.deepEqual([again?.failure?.retry_count, again?.custom], [0, { kept: true }]);
  bench.manager.fail('job-00001', { errtype: 'E', message: 'm' });
  assert.deepEqual(bench.sizes(), { dead: 1, retries: 0, scheduled: 0, working: 0, q: 0 });
  const { total_failures: failures, total_processed: processed } = bench.manager.info().faktory;
  assert.deepEqual([failures, processed], [2, 2]);
  bench.clock.advance(180 * 24 * 3600 * 1000);
  bench.pass(1);
  assert.equal(bench.sizes().dead, 0);
});

test('a reservation that is over counts as a failure', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001', reserve_for: 1 });
  bench.push({ jid: 'job-00002', retry: 0, reserve_for: 60 });
  bench.fetch();
  bench.fetch();
  bench.pass(59);
  assert.equal(bench.sizes().working, 2);
  bench.pass(1);
  assert.deepEqual(bench.sizes(), { dead: 0, retries: 1, scheduled: 0, working: 0, q: 0 });
  assert.equal(bench.manager.info().faktory.tasks.Busy.reaped, 2);
  bench.pass(20);
  const failure = bench.fetch()?.failure;
  assert.deepEqual([failure?.errtype, failure?.message], ['ReservationExpired', 'Faktory job reservation expired']);
});

test('a job goes to the one that waits longest, and to no one whose wait was taken back', () => {
  const bench = new Bench();
  const [first, second, third] = [new Waiter(), new Waiter(), new Waiter()];
  const gone = bench.manager.wait(first, bench.list('q'), null);
  bench.manager.wait(second, bench.list('other', 'q'), null);
  bench.manager.wait(third, bench.list('q'), null);
  bench.manager.waits.remove(gone);
  bench.push({ jid: 'job-00001' });
  bench.push({ jid: 'job-00002', queue: 'other' });
  bench.push({ jid: 'job-00003' });
  assert.deepEqual([first.got, second.got, third.got], [[], ['job-00001'], ['job-00003']]);
  assert.equal(bench.fetch('other')?.jid, 'job-00002');
});

test('a wait ends empty-handed after two seconds', () => {
  const bench = new Bench();
  const waiter = new Waiter();
  bench.manager.wait(waiter, bench.list('q'), null);
  bench.pass(1);
  assert.deepEqual(waiter.got, []);
  bench.pass(1);
  assert.deepEqual(waiter.got, [null]);
  bench.push({ jid: 'job-00001' });
  assert.deepEqual(waiter.got, [null]);
});

test('a paused queue gives nothing, also not to those who wait, until it is resumed', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001' });
  bench.manager.setPaused(['q', 'unknown'], true);
  assert.equal(bench.fetch(), null);
  bench.manager.setPaused(['*'], false);
  assert.equal(bench.fetch()?.jid, 'job-00001');
  const waiter = new Waiter();
  bench.manager.wait(waiter, bench.list('q', 'unknown'), null);
  bench.manager.setPaused(['q'], true);
  bench.push({ jid: 'job-00002' });
  assert.deepEqual(waiter.got, []);
  bench.manager.setPaused(['q'], false);
  assert.deepEqual(waiter.got, ['job-00002']);
});

test('who fetches from paused queues only waits for nothing', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001' });
  bench.manager.setPaused(['q'], true);
  const waiter = new Waiter();
  bench.manager.wait(waiter, bench.list('q'), null);
  bench.manager.setPaused(['q'], false);
  assert.deepEqual(waiter.got, []);
  bench.pass(2);
  assert.deepEqual(waiter.got, [null]);
});

test('a thousand queues are fetched from and waited for like one, save those that were paused', () => {
  const bench = new Bench();
  const names = Array.from({ length: 1000 }, (_, i) => `queue-${i}`);
  for (const queue of ['queue-999', 'queue-300', 'queue-40']) bench.push({ jid: `job-of-${queue}`, queue });
  bench.manager.setPaused(['queue-300'], true);
  const got = [1, 2, 3].map(() => bench.fetch(...names)?.queue);
  assert.deepEqual(got, ['queue-40', 'queue-999', undefined]);
  const [first, second] = [new Waiter(), new Waiter()];
  bench.manager.wait(first, bench.list(...names), null);
  bench.manager.setPaused(['queue-300'], false);
  assert.deepEqual(first.got, []);
  bench.manager.wait(second, bench.list(...names), null);
  for (const queue of ['queue-7', 'queue-999']) bench.push({ jid: `job-late-${queue}`, queue });
  assert.deepEqual([first.got, second.got], [['job-late-queue-7'], ['job-late-queue-999']]);
  assert.equal(bench.fetch(...names)?.queue, 'queue-300');
});

test('a quiet worker gets nothing', () => {
  const bench = new Bench();
  const identity = { wid: 'w', hostname: '', pid: 1, labels: [] };
  const worker = bench.manager.workers.join(identity, { drop() {} }, 0);
  worker.advance('quiet');
  const waiter = new Waiter();
  bench.manager.wait(waiter, bench.list('q'), worker);
  bench.push({ jid: 'job-00001' });
  assert.equal(bench.manager.fetch(bench.list('q'), worker), null);
  assert.deepEqual(waiter.got, []);
});

test('removed queues lose jobs and pause mark; flush forgets everything', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001' });
  bench.manager.setPaused(['q'], true);
  bench.manager.removeQueues(['q']);
  assert.equal(bench.manager.info().faktory.total_queues, 0);
  bench.push({ jid: 'job-00002' });
  assert.equal(bench.fetch()?.jid, 'job-00002');
  bench.push({ jid: 'job-00003', at: inSeconds(9) });
  bench.push({ jid: 'job-00004' });
  bench.manager.flush();
  assert.deepEqual(bench.sizes(), { dead: 0, retries: 0, scheduled: 0, working: 0 });
  assert.ok(!bench.manager.acknowledge('job-00002'));
});

test('latency is the age of the oldest job', () => {
  const bench = new Bench();
  bench.push({ jid: 'job-00001' });
  bench.pass(5);
  bench.push({ jid: 'job-00002' });
  assert.deepEqual(
    [...bench.manager.latencies(['q', 'nosuch'])],
    [
      ['q', 5],
      ['nosuch', 0],
    ],
  );
});

test('jobs are moved out of a set by MUTATE', () => {
  const bench = new Bench();
  for (const jid of ['job-00001', 'job-00002', 'job-00003']) bench.push({ jid, at: inSeconds(100) });
  const all = null;
  const second = ({ text }: { text: string }) => text.includes('job-00002');
  bench.manager.mutate({ command: 'kill', target: 'scheduled', filter: second });
  assert.deepEqual([bench.sizes().scheduled, bench.sizes().dead], [2, 1]);
  bench.manager.mutate({ command: 'requeue', target: 'dead', filter: all });
  assert.equal(bench.fetch()?.jid, 'job-00002');
  bench.manager.mutate({ command: 'requeue', target: 'scheduled', filter: ({ text }) => text.includes('job-00003') });
  const requeued = bench.fetch();
  assert.deepEqual([requeued?.jid, requeued?.enqueued_at], ['job-00003', undefined]);
  bench.manager.mutate({ command: 'discard', target: 'scheduled', filter: second });
  assert.equal(bench.sizes().scheduled, 1);
  bench.manager.mutate({ command: 'clear', target: 'scheduled', filter: all });
  assert.equal(bench.sizes().scheduled, 0);
});

test('text beyond ASCII survives queue, failure and retry', () => {
  const bench = new Bench();
  bench.push({ jid: 'jid-ü-😀', args: ['€', '\u2028', '\u0000'] });
  bench.fetch();
  const jid = Buffer.from('jid-ü-😀').toString('latin1');
  assert.ok(bench.manager.fail(jid, { message: 'größer' }));
  bench.pass(60);
  const again = bench.fetch();
  assert.deepEqual(again?.args, ['€', '\u2028', '\u0000']);
  assert.equal(again?.failure?.message, 'größer');
  assert.ok(bench.manager.acknowledge(jid));
});

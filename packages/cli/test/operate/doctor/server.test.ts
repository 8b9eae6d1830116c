import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerWish } from '../../../src/operate/doctor/machine.ts';
import {
  checkAnswer,
  checkClock,
  checkConnections,
  checkRoundTrip,
  checkSlots,
  clockOffsetOf,
  type Probe,
  roundTripOf,
  type ServerFacts,
} from '../../../src/operate/doctor/server.ts';

const wish: WorkerWish = { concurrency: 2000, cpus: 2, replicas: 1, memoryBytes: null, connections: 60 };
/** `offsetMs`: the server's clock is ahead by so much; it looks at it `atMs` after the question left. */
const probe = (tripMs: number, offsetMs: number, atMs = tripMs / 2): Probe => ({
  sentAtMs: 1000,
  answeredAtMs: 1000 + tripMs,
  serverNowMs: 1000 + atMs + offsetMs,
});
const server = (change: Partial<ServerFacts> = {}): ServerFacts => ({
  address: 'tcp://192.0.2.7:7419',
  because: 'as named',
  named: true,
  failure: null,
  version: 'Faktory 1.10.0',
  connections: 10,
  probes: [probe(2, 0), probe(1, 0), probe(9, 0)],
  ...change,
});

test('the round trip is the best and the middle one', () => {
  assert.deepEqual(roundTripOf([probe(2, 0), probe(1, 0), probe(9, 0)]), { minMs: 1, medianMs: 2 });
  assert.deepEqual(roundTripOf([probe(2, 0), probe(4, 0)]), { minMs: 2, medianMs: 3 });
  assert.equal(roundTripOf([]), null);
  assert.match(checkRoundTrip(server())[0]!.text, /1\.00 ms away at best, 2\.00 ms in the middle of 3 INFOs/);
  assert.equal(checkRoundTrip(server({ probes: [probe(80, 0)] }))[0]!.state, 'warn');
  assert.deepEqual(checkRoundTrip(server({ probes: [] })), []);
});

test("the clock's offset is that of the quickest answer, and right within half its round trip", () => {
  assert.deepEqual(clockOffsetOf([probe(40, 300), probe(2, 300), probe(9, 300)]), { offsetMs: 300, errorMs: 1 });
  for (const atMs of [0, 3, 10]) {
    const { offsetMs, errorMs } = clockOffsetOf([probe(10, -500, atMs)])!;
    assert.ok(Math.abs(offsetMs - -500) <= errorMs, `${offsetMs} ± ${errorMs}`);
  }
  assert.equal(clockOffsetOf([{ ...probe(1, 0), serverNowMs: null }]), null);
});

test('a clock is only blamed beyond the error of its measurement', () => {
  const state = (tripMs: number, offsetMs: number) =>
    checkClock(server({ probes: [probe(tripMs, offsetMs)] }))[0]!.state;
  assert.deepEqual([state(2, 40), state(2, 60), state(40, 60)], ['ok', 'warn', 'ok']);
  assert.deepEqual([state(2, 3_600_000), state(2, -3_600_000)], ['fix', 'fix']);
  assert.match(checkClock(server({ probes: [probe(2, -60)] }))[0]!.text, /60 ms behind this one \(± 1\.00 ms\)/);
  assert.deepEqual(checkClock(server({ probes: [] })), []);
});

test('a server that was named has to be there, one that was only noted should', () => {
  const failure = { code: 'ECONNREFUSED', message: 'no job server answers at tcp://192.0.2.7:7419' };
  assert.equal(checkAnswer(server()).state, 'ok');
  assert.equal(checkAnswer(server({ failure })).state, 'fix');
  const noted = checkAnswer(server({ failure, named: false, because: 'the cluster started last' }));
  assert.equal(noted.state, 'warn');
  assert.match(noted.text, /the cluster started last/);
  const locked = checkAnswer(server({ failure: { code: 'EPASSWORD', message: 'wrong password' } }));
  assert.match(locked.text, /^tcp:\/\/192\.0\.2\.7:7419: wrong password/);
  assert.match(locked.remedy!, /^FAKTORY_PASSWORD=/);
});

test('connections: those that are there, and those of the workers to come', () => {
  const state = (connections: number, replicas = 1) =>
    checkConnections({ ...wish, replicas }, server({ connections }))[0]!.state;
  assert.deepEqual([state(10), state(1500), state(1941), state(10, 34)], ['ok', 'warn', 'fix', 'fix']);
  assert.deepEqual(checkConnections(wish, server({ connections: null })), []);
});

test('slots by the core: 500 to 1000', () => {
  const none = { ratePerS: null, serviceMs: null };
  const check = (concurrency: number) => checkSlots({ ...wish, concurrency }, 2, none, null);
  assert.deepEqual(
    [check(999).state, check(1000).state, check(2000).state, check(2001).state],
    ['warn', 'ok', 'ok', 'warn'],
  );
  assert.match(check(100).remedy!, /^just worker 1000;/);
  assert.match(check(6000).text, /1,000 to 2,000 suit 2 CPUs/);
});

test('slots by the jobs: rate times service time and round trip', () => {
  const load = { ratePerS: 5000, serviceMs: 200 };
  const trip = { minMs: 1, medianMs: 2 };
  assert.match(checkSlots({ ...wish, concurrency: 1010 }, 2, load, trip).text, /need 1,010 slots, of 1,010/);
  const short = checkSlots({ ...wish, concurrency: 1009 }, 2, load, trip);
  assert.deepEqual([short.state, short.remedy], ['fix', 'just worker 1010']);
  assert.equal(checkSlots({ ...wish, concurrency: 505, replicas: 2 }, 2, load, trip).state, 'ok');
});

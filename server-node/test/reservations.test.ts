import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reservations } from '../src/reservations.ts';

const job = (jid: string, reserveForS = 60) => ({ jid, text: `text of ${jid}`, reserveForS, id: 0 });
const jids = (reservations: Reservations, nowMs: number, max = 100) =>
  reservations.expired(nowMs, max).map(({ jid }) => jid);

test('a reservation is found by its jid until it is removed', () => {
  const reservations = new Reservations();
  const reservation = reservations.add(job('__proto__'), 0);
  assert.equal(reservations.get('__proto__'), reservation);
  assert.equal(reservation.text, 'text of __proto__');
  reservations.remove(reservation);
  assert.equal(reservations.get('__proto__'), null);
  assert.equal(reservations.size, 0);
  reservations.remove(reservation);
  assert.equal(reservations.size, 0);
});

test('what is over comes in order of its end, whatever the lengths', () => {
  const reservations = new Reservations();
  reservations.add(job('long', 120), 0);
  reservations.add(job('first', 60), 0);
  const second = reservations.add(job('second', 60), 1000);
  reservations.add(job('middle', 90), 2000);
  assert.deepEqual(jids(reservations, 59_999), []);
  assert.deepEqual(jids(reservations, 60_000), ['first']);
  assert.deepEqual(jids(reservations, 200_000), ['first', 'second', 'middle', 'long']);
  assert.deepEqual(jids(reservations, 200_000, 2), ['first', 'second']);
  reservations.remove(second);
  assert.deepEqual(jids(reservations, 200_000), ['first', 'middle', 'long']);
  assert.equal(reservations.size, 3);
});

test('two jobs of one jid: the newer ends first, then the older is found again', () => {
  const reservations = new Reservations();
  const [oldest, middle, newest] = [0, 1000, 2000].map((nowMs) => reservations.add(job('twin'), nowMs));
  assert.equal(reservations.size, 3);
  assert.equal(reservations.get('twin'), newest);
  reservations.remove(middle!);
  assert.equal(reservations.get('twin'), newest);
  reservations.remove(newest!);
  assert.equal(reservations.get('twin'), oldest);
  assert.equal(reservations.size, 1);
  reservations.remove(oldest!);
  assert.equal(reservations.get('twin'), null);
});

test('clear ends all; removing one of them afterwards does nothing', () => {
  const reservations = new Reservations();
  const reservation = reservations.add(job('a'), 0);
  reservations.clear();
  const again = reservations.add(job('a'), 0);
  reservations.remove(reservation);
  assert.equal(reservations.get('a'), again);
  assert.equal(reservations.size, 1);
  assert.deepEqual(jids(reservations, 60_000), ['a']);
});

test('tens of thousands are found and removed in any order, twins in theirs', () => {
  const reservations = new Reservations();
  const made = Array.from({ length: 30_000 }, (_, i) => reservations.add(job(`job-${i % 20_000}`), i));
  assert.equal(reservations.size, 30_000);
  for (let i = 0; i < 20_000; i++) assert.equal(reservations.get(`job-${i}`), made[i < 10_000 ? i + 20_000 : i]);
  for (let i = 0; i < 30_000; i++) reservations.remove(made[(i * 7919) % 30_000]!);
  assert.equal(reservations.size, 0);
  for (let i = 0; i < 20_000; i++) assert.equal(reservations.get(`job-${i}`), null);
});

test('200,000 reservations of one jid end oldest first, each found by a step or two', () => {
  const reservations = new Reservations();
  const count = 200_000;
  for (let i = 0; i < count; i++) reservations.add(job('twin'), i);
  // A search of the chain for each would take 20,000,000,000 steps.
  for (let ended = 0; ended < count; ) {
    const expired = reservations.expired(60_000 + count, 1000);
    for (const reservation of expired) reservations.remove(reservation);
    ended += expired.length;
  }
  assert.equal(reservations.size, 0);
  assert.equal(reservations.get('twin'), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '@jobstorm/protocol';
import { Books } from '../src/books.ts';

test('a job that was held for longer than its reservation is late, and counted', () => {
  const live = { state: 'running', connected: true, slots: { total: 1, running: 0 }, connections: 1 } as const;
  const books = new Books({ live: () => live, types: () => [] });
  const job = (reserve_for?: number) =>
    ({ jid: 'job-00001', jobtype: 'add', args: [], ...(reserve_for === undefined ? {} : { reserve_for }) }) as Job;
  const lateness: [number | undefined, number, boolean][] = [
    [60, 59_999, false],
    [60, 60_001, true],
    // Shorter ones last a minute all the same.
    [1, 30_000, false],
    [1, 60_001, true],
    [300, 299_000, false],
    [300, 301_000, true],
    [0, 1_799_000, false],
    [undefined, 1_801_000, true],
  ];
  for (const [reserveFor, heldMs, late] of lateness)
    assert.equal(books.wasLate(job(reserveFor), heldMs), late, `${reserveFor} s, ${heldMs} ms`);
  assert.equal(books.status().totals.late, 4);
});

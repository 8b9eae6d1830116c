// A million scheduled jobs that fall due at 50,000 a second: how late each one is in the hands of a worker, and whether they come
// in the order of their dates. They were pushed in another order.

import { setTimeout as sleep } from 'node:timers/promises';
import type { JobShape } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { rssBytes } from '../proc.ts';
import { workOff } from '../work-off.ts';

const perS = 50_000;
/** From the first push to the first date; longer than all pushes take. */
const aheadMs = { full: 12_000, quick: 4000 };
/** Jobs are pushed as 0, stride, 2 * stride …, all of them in the end, since it has no divisor in common with their number. */
const stride = 7919;

/** Milliseconds since the epoch as RFC 3339 with microseconds. */
function dateOf(epochMs: number): string {
  const whole = Math.floor(epochMs);
  const us = String(Math.round((epochMs - whole) * 1000)).padStart(3, '0');
  return `${new Date(whole).toISOString().slice(0, -1)}${us}Z`;
}

function measure(jobs: number, waitMs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const firstDueMs = Date.now() + waitMs;
    /** The date of the job pushed as number `seq`, which is `placeOf(seq)`th of all by its date. */
    const placeOf = (seq: number) => (seq * stride) % jobs;
    const dueMs = (seq: number) => firstDueMs + (placeOf(seq) * 1000) / perS;
    const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true, atOf: (seq) => dateOf(dueMs(seq)) };
    const { server } = await nest.filled('server-node', shape, jobs);
    const [fetches, acks] = [await nest.connection(server), await nest.connection(server)];
    if (Date.now() > firstDueMs)
      throw new Error(`the pushes took longer than ${waitMs} ms: the first jobs were due before`);
    const serverMb = rssBytes(server.pid) / 1e6;
    await sleep(firstDueMs - Date.now() - 500);
    const beforeUs = server.cpuUs();
    let [place, outOfOrder, early, lateMs] = [-1, 0, 0, 0];
    const onJob = (seq: number) => {
      const next = placeOf(seq);
      if (next < place) outOfOrder++;
      place = next;
      const overMs = Date.now() - dueMs(seq);
      lateMs = Math.max(lateMs, overMs);
      // Two clocks of one machine, read to the millisecond.
      if (overMs < -2) early++;
    };
    await workOff(fetches, { jobs, window: 1000, acks, onJob });
    const serverUs = (server.cpuUs() - beforeUs) / jobs;
    return { lateMs, outOfOrder, early, serverUs, serverMb };
  });
}

export const scheduled: BenchCase = {
  name: 'scheduled',
  about:
    'server-node: 1,000,000 scheduled jobs fall due at 50,000 a second, pushed in another order than they are due in',
  realFaktory: 'unused',
  columns: [
    { key: 'lateMs', title: 'latest, ms after its date', digits: 0 },
    { key: 'outOfOrder', title: 'out of order', digits: 0 },
    { key: 'early', title: 'early', digits: 0 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
    { key: 'serverMb', title: 'server RSS, MB', digits: 0 },
  ],
  figures: [
    {
      what: 'scheduled: the latest of 1,000,000 after its date',
      value: readingOf('server-node', 'lateMs'),
      digits: 0,
      unit: ' ms',
      atMost: 1000,
    },
    {
      what: 'scheduled: out of order',
      value: readingOf('server-node', 'outOfOrder'),
      digits: 0,
      unit: '',
      atMost: 0,
    },
    { what: 'scheduled: before their date', value: readingOf('server-node', 'early'), digits: 0, unit: '', atMost: 0 },
  ],
  async sides({ count }): Promise<Side[]> {
    const jobs = count(1_000_000, 150_000);
    return [{ name: 'server-node', run: () => measure(jobs, count(aheadMs.full, aheadMs.quick)) }];
  },
};

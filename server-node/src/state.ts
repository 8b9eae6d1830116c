// Everything that the server would have to find again after a restart, and the only door through which it changes. The rules
// (manager.ts) read what they like, but every change is one call here, so a journal has one place to stand.
//
//   PUSH ─▶ scheduled ─due─▶ queues ─FETCH─▶ reservations ─ACK─▶ gone
//                              ▲                  │ FAIL, expiry
//                              └──due── retries ◀─┴─▶ dead ─▶ gone
//
// Invariant: a job is in exactly one of these places. `processed` counts ends of reservations, `failures` those by FAIL or expiry.

import type { JobText } from './job-text.ts';
import type { JobQueue } from './queue.ts';
import { Queues } from './queues.ts';
import { type Reservation, Reservations } from './reservations.ts';
import { type DatedJob, Schedule } from './schedule.ts';

/** The sets of jobs that wait for a date. */
export type SetName = 'scheduled' | 'retries' | 'dead';

/** Where a failed job goes. */
export interface Destination extends DatedJob {
  set: SetName;
}

export class State {
  readonly queues = new Queues();
  readonly reservations = new Reservations();
  readonly sets: Readonly<Record<SetName, Schedule>> = {
    scheduled: new Schedule(),
    retries: new Schedule(),
    dead: new Schedule(),
  };
  processed = 0;
  failures = 0;

  /** Adds a job at the tail of a queue. */
  enqueue(queueName: string, job: JobText): JobQueue {
    const queue = this.queues.obtain(queueName);
    queue.append(job);
    return queue;
  }

  /** Hands out the oldest job of a queue; null when it has none. */
  reserve(queue: JobQueue, nowMs: number): Reservation | null {
    const job = queue.take();
    return job && this.reservations.add(job, nowMs);
  }

  /** A reserved job is done. */
  acknowledge(reservation: Reservation): void {
    this.reservations.remove(reservation);
    this.processed++;
  }

  /** A reserved job failed; null: it is thrown away. */
  fail(reservation: Reservation, destination: Destination | null): void {
    this.reservations.remove(reservation);
    this.processed++;
    this.failures++;
    if (destination) this.sets[destination.set].add(destination.job, destination.atMs);
  }

  add(set: SetName, job: JobText, atMs: number): void {
    this.sets[set].add(job, atMs);
  }

  /** Takes the first due job of a set out of it; null when none is due. */
  takeDue(set: SetName, epochMs: number): DatedJob | null {
    return this.sets[set].takeDue(epochMs);
  }

  /** Takes the jobs that `matches` picks out of a set, in order of their dates. */
  takeMatching(set: SetName, matches: (job: JobText) => boolean): DatedJob[] {
    return this.sets[set].takeMatching(matches);
  }

  clearSet(set: SetName): void {
    this.sets[set].clear();
  }

  setPaused(queue: JobQueue, paused: boolean): void {
    queue.paused = paused;
  }

  removeQueue(name: string): void {
    this.queues.remove(name);
  }

  /** Forgets every job, queue and count. */
  flush(): void {
    this.queues.clear();
    this.reservations.clear();
    for (const set of Object.values(this.sets)) set.clear();
    this.processed = 0;
    this.failures = 0;
  }
}

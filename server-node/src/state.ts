// Everything that the server would have to find again after a restart, and the only door through which it changes. The rules
// (manager.ts) read what they like, but every change is one call here, and each call tells the journal, if there is one, before
// anything is changed.
//
//   PUSH ─▶ scheduled ─due─▶ queues ─FETCH─▶ reservations ─ACK─▶ gone
//                              ▲                  │ FAIL, expiry
//                              └──due── retries ◀─┴─▶ dead ─▶ gone
//
// Invariant: a job is in exactly one of these places, or in the hand of who took it out of a set, to be put somewhere or
// discarded in the same breath. FETCH is not told to the journal: after a crash reserved jobs are in their queues again.
// `processed` counts ends of reservations, `failures` those by FAIL or expiry.

import type { JobText } from './job-text.ts';
import type { JobQueue } from './queue.ts';
import { Queues } from './queues.ts';
import { type Reservation, Reservations } from './reservations.ts';
import { type DatedJob, Schedule } from './schedule.ts';

/** The sets of jobs that wait for a date. */
export type SetName = 'scheduled' | 'retries' | 'dead';

/** Where a failed job goes. */
export interface Destination {
  set: SetName;
  job: JobText;
  /** Wall clock, milliseconds since the epoch. */
  atMs: number;
}

/**
 * Who keeps the changes. Ids name jobs at the place where they are; `replaced` is the id that a job had where it was before, 0
 * for a new one.
 */
export interface StateLog {
  /** Why no job can be taken in now; null: it can. */
  refusal(job: JobText): string | null;
  /** Changes that nobody waits for should wait: there is no room for them, or much is on its way already. */
  readonly isHeldUp: boolean;
  queued(queue: JobQueue, job: JobText, replaced: number): number;
  dated(set: SetName, job: JobText, atMs: number, replaced: number): number;
  done(id: number): void;
  failed(id: number, destination: Destination | null): number;
  left(id: number): void;
  paused(queue: JobQueue, paused: boolean): void;
  removed(queue: JobQueue): void;
  flushed(): void;
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
  #log: StateLog | null = null;

  /** From now on changes are told to `log`. */
  attach(log: StateLog): void {
    this.#log = log;
  }

  /** Why a new job can't be taken in now; null: it can. */
  refusal(job: JobText): string | null {
    return this.#log === null ? null : this.#log.refusal(job);
  }

  /** Jobs that fall due should stay where they are for now. */
  get isHeldUp(): boolean {
    return this.#log?.isHeldUp ?? false;
  }

  /**
   * Adds a job at the tail of a queue.
   * @param replaced the id with which it was taken out of a set; 0: it is new
   */
  enqueue(queueName: string, job: JobText, replaced = 0): JobQueue {
    const queue = this.queues.obtain(queueName);
    this.queues.append(queue, job, this.#log === null ? 0 : this.#log.queued(queue, job, replaced));
    return queue;
  }

  /** Hands out the oldest job of a queue; null when it has none. */
  reserve(queue: JobQueue, nowMs: number): Reservation | null {
    const job = queue.take();
    return job && this.reservations.add(job, nowMs);
  }

  /** A reserved job is done. */
  acknowledge(reservation: Reservation): void {
    if (this.#log !== null) this.#log.done(reservation.id);
    this.reservations.remove(reservation);
    this.processed++;
  }

  /** A reserved job failed; null: it is thrown away. */
  fail(reservation: Reservation, destination: Destination | null): void {
    const id = this.#log === null ? 0 : this.#log.failed(reservation.id, destination);
    this.reservations.remove(reservation);
    this.processed++;
    this.failures++;
    if (destination) this.sets[destination.set].add(destination.job, destination.atMs, id);
  }

  /** @param replaced the id with which it was taken out of a set; 0: it is new */
  add(set: SetName, job: JobText, atMs: number, replaced = 0): void {
    this.sets[set].add(job, atMs, this.#log === null ? 0 : this.#log.dated(set, job, atMs, replaced));
  }

  /** Takes the first due job of a set in hand; null when none is due. */
  takeDue(set: SetName, epochMs: number): DatedJob | null {
    return this.sets[set].takeDue(epochMs);
  }

  /** Takes the jobs that `matches` picks out of a set in hand, in order of their dates. */
  takeMatching(set: SetName, matches: (job: JobText) => boolean): DatedJob[] {
    return this.sets[set].takeMatching(matches);
  }

  /** Throws a job in hand away. */
  discard(job: DatedJob): void {
    this.#log?.left(job.id);
  }

  clearSet(set: SetName): void {
    if (this.#log !== null) for (const id of this.sets[set].ids()) this.#log.left(id);
    this.sets[set].clear();
  }

  setPaused(queue: JobQueue, paused: boolean): void {
    this.#log?.paused(queue, paused);
    this.queues.setPaused(queue, paused);
  }

  removeQueue(name: string): void {
    const queue = this.queues.get(name);
    if (queue) this.#log?.removed(queue);
    this.queues.remove(name);
  }

  /** Forgets every job, queue and count. */
  flush(): void {
    this.#log?.flushed();
    this.queues.clear();
    this.reservations.clear();
    for (const set of Object.values(this.sets)) set.clear();
    this.processed = 0;
    this.failures = 0;
  }
}

// The rules: what each command means for the jobs. It knows no socket, no timer and no bytes; it is told the time by a clock
// and changes jobs only through `State`.
// Invariant: no job waits in a queue that isn't paused while a FETCH waits for that queue. Time stands still between two
// `readClock` calls, which come once per chunk of input.

import type { Clock } from './clock.ts';
import {
  type HealthDocument,
  healthDocument,
  type InfoDocument,
  infoDocument,
  type Traffic,
  type Vitals,
} from './info.ts';
import { isQueueName, type JobFields, jobRefusal, queueOf } from './job-fields.ts';
import { draftJob, type JobText, readJob, type Stamp, writeJob } from './job-text.ts';
import type { StorageInfo } from './journal/storage.ts';
import type { Mutation } from './mutation.ts';
import type { JobQueue } from './queue.ts';
import type { QueueList } from './queue-list.ts';
import { QueueLists } from './queue-lists.ts';
import type { Reservation } from './reservations.ts';
import { afterFailure, deadKeptMs, type FailureReport } from './retry.ts';
import { RunningStamp } from './running-stamp.ts';
import { type SetName, State } from './state.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';
import { type Wait, Waits } from './waits.ts';
import { type Worker, Workers } from './workers.ts';

/** Who fetches. */
export interface Fetcher {
  /** Ends its wait: with a job, or with null when the wait is over. */
  deliver(reservation: Reservation | null): void;
}

export interface ManagerOptions {
  clock: Clock;
  /** In [0, 1), for the backoff. */
  random: () => number;
  /** What was there before; a new one when left out. */
  state?: State;
  /** What keeps it, for INFO. */
  storage?: { info(): StorageInfo };
}

/** Jobs that fall due or expire are moved in portions of this size, so that other commands get their turn between them. */
const portion = 1000;

export class Manager {
  readonly state: State;
  readonly workers = new Workers();
  readonly waits = new Waits<Fetcher>();
  readonly lists = new QueueLists((list) => this.waits.forget(list));
  readonly traffic: Traffic = { connections: 0, commands: 0 };
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #storage: ManagerOptions['storage'];
  readonly #startedMs: number;
  readonly #tasks: Vitals['tasks'] = {
    scheduled: { cycles: 0, enqueued: 0, wallTimeS: 0 },
    retries: { cycles: 0, enqueued: 0, wallTimeS: 0 },
    dead: { cycles: 0, enqueued: 0, wallTimeS: 0 },
  };
  #expiredReservations = 0;
  #nowMs = 0;
  #epochUs = 0;
  readonly #stamp = new RunningStamp();
  /** Set when first needed after `readClock`. */
  #isStamped = false;

  constructor(options: ManagerOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#storage = options.storage;
    this.state = options.state ?? new State();
    this.readClock();
    this.#startedMs = this.#nowMs;
  }

  /** Lets the time go on. */
  readClock(): void {
    this.#nowMs = this.#clock.nowMs();
    this.#epochUs = this.#clock.epochUs();
    this.#isStamped = false;
  }

  /** Monotonic milliseconds, as of the last `readClock`. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Wall-clock milliseconds since the epoch, as of the last `readClock`. */
  get epochMs(): number {
    return this.#epochUs / 1000;
  }

  /**
   * Takes a job in.
   * @returns why it is refused; null: it was taken
   * @throws JsonError when it can't be written as JSON again
   */
  push(job: JobFields): string | null {
    const refusal = jobRefusal(job);
    if (refusal) return refusal;
    let atMs = 0;
    if (job.at) {
      const parsed = parseTimestamp(job.at);
      if (parsed === null) {
        return `invalid timestamp for 'at': ${JSON.stringify(job.at)}: expected RFC 3339 with a zone, as 2026-01-02T03:04:05Z`;
      }
      atMs = parsed;
    }
    const queueName = queueOf(job);
    if (!this.state.queues.get(queueName) && !isQueueName(queueName)) {
      return `cannot get ${JSON.stringify(queueName)} queue: queue names must match \\A[a-zA-Z0-9._-]+\\z`;
    }
    const isEntering = atMs * 1000 <= this.#epochUs;
    const text = isEntering ? draftJob(job, this.#stampNow(), true) : writeJob(job, this.#stampNow(), false);
    const noRoom = this.state.refusal(text);
    if (noRoom) return noRoom;
    if (isEntering) this.#enqueue(queueName, text);
    else this.state.add('scheduled', text, atMs);
    return null;
  }

  /** The oldest job of the first queue that has one; null: none has. */
  fetch(list: QueueList, worker: Worker | null): Reservation | null {
    if (worker && worker.state !== 'running') return null;
    const queue = list.firstReady(this.state.queues);
    return queue && this.state.reserve(queue, this.#nowMs);
  }

  /** Waits for what `fetch` did not find. A quiet worker and one that named only paused queues wait for nothing. */
  wait(fetcher: Fetcher, list: QueueList, worker: Worker | null): Wait<Fetcher> {
    const isRunning = !worker || worker.state === 'running';
    return this.waits.add(fetcher, isRunning ? this.#open(list) : null, this.#nowMs);
  }

  /** Ends the waits that are over. */
  endWaits(): void {
    for (let wait = this.waits.firstOver(this.#nowMs); wait; wait = this.waits.firstOver(this.#nowMs)) {
      this.waits.remove(wait);
      wait.fetcher.deliver(null);
    }
  }

  /** A job is done; false when no such job (byte text) is reserved. */
  acknowledge(jid: string): boolean {
    const reservation = this.state.reservations.get(jid);
    if (!reservation) return false;
    this.state.acknowledge(reservation);
    return true;
  }

  /** A run failed; false when no such job (byte text) is reserved. */
  fail(jid: string, report: FailureReport): boolean {
    const reservation = this.state.reservations.get(jid);
    if (!reservation) return false;
    this.#fail(reservation, report);
    return true;
  }

  /** Pauses or resumes the known ones among `names`. */
  setPaused(names: readonly string[], paused: boolean): void {
    for (const queue of this.#named(names)) {
      this.state.setPaused(queue, paused);
      if (!paused) this.#serve(queue);
    }
  }

  removeQueues(names: readonly string[]): void {
    for (const queue of this.#named(names)) this.state.removeQueue(queue.name);
  }

  /** Age of each queue's oldest job in seconds, by name; 0 when it has none. */
  latencies(names: readonly string[]): Map<string, number> {
    const ages = new Map<string, number>();
    for (const name of names) {
      const oldest = this.state.queues.get(name)?.peek();
      const job = oldest ? readJob(oldest) : null;
      const sinceMs = parseTimestamp(job?.enqueued_at ?? job?.created_at ?? '');
      ages.set(name, sinceMs === null ? 0 : Math.max(0, (this.#epochUs - Math.round(sinceMs * 1000)) / 1e6));
    }
    return ages;
  }

  mutate({ command, target, filter }: Mutation): void {
    if (command === 'clear' || (command === 'discard' && !filter)) {
      this.state.clearSet(target);
      return;
    }
    for (const taken of this.state.takeMatching(target, filter ?? (() => true))) {
      const { job, id } = taken;
      if (command === 'kill') this.state.add('dead', job, this.#epochUs / 1000 + deadKeptMs, id);
      else if (command === 'requeue') this.#enqueue(queueOf(readJob(job.text)), job, id);
      else this.state.discard(taken);
    }
  }

  flush(): void {
    this.state.flush();
  }

  info(): InfoDocument {
    return infoDocument({
      state: this.state,
      workers: this.workers,
      traffic: this.traffic,
      tasks: this.#tasks,
      expiredReservations: this.#expiredReservations,
      uptimeMs: this.#nowMs - this.#startedMs,
      now: formatTimestamp(this.#epochUs),
      storage: this.#storage?.info() ?? null,
    });
  }

  health(): HealthDocument {
    return healthDocument({ now: formatTimestamp(this.#epochUs), traffic: this.traffic });
  }

  /** What is due by the clock. True when there is more of it than one portion: call again soon. */
  tick(): boolean {
    const isMore = this.state.isHeldUp
      ? []
      : [this.#runDue('scheduled'), this.#runDue('retries'), this.#runDue('dead'), this.#expire()];
    this.workers.reap(this.#nowMs);
    return isMore.includes(true);
  }

  /** One portion of the reservations that are over: each counts as a failed run. */
  #expire(): boolean {
    const expired = this.state.reservations.expired(this.#nowMs, portion);
    for (const reservation of expired) {
      this.#expiredReservations++;
      this.#fail(reservation, { errtype: 'ReservationExpired', message: 'Faktory job reservation expired' });
    }
    return expired.length === portion;
  }

  /** One portion of the due jobs of a set: to the tails of their queues, dead ones away. */
  #runDue(set: SetName): boolean {
    const tally = this.#tasks[set];
    const beganMs = this.#clock.nowMs();
    let moved = 0;
    for (; moved < portion; moved++) {
      const due = this.state.takeDue(set, this.#epochUs / 1000);
      if (!due) break;
      if (set === 'dead') {
        this.state.discard(due);
        continue;
      }
      const job = readJob(due.job.text);
      this.#enqueue(queueOf(job), draftJob(job, this.#stampNow(), true), due.id);
    }
    if (moved === 0) return false;
    tally.cycles++;
    tally.enqueued += moved;
    tally.wallTimeS += (this.#clock.nowMs() - beganMs) / 1000;
    return moved === portion;
  }

  /** @param replaced see `State.enqueue` */
  #enqueue(queueName: string, job: JobText, replaced = 0): void {
    this.#serve(this.state.enqueue(queueName, job, replaced));
  }

  /** Hands a queue's jobs to those who wait for them. */
  #serve(queue: JobQueue): void {
    while (queue.isReady) {
      const wait = this.waits.first(queue.name);
      if (!wait) return;
      this.waits.remove(wait);
      wait.fetcher.deliver(this.state.reserve(queue, this.#nowMs));
    }
  }

  #fail(reservation: Reservation, report: FailureReport): void {
    const fate = afterFailure(readJob(reservation.text), report, this.#epochUs, this.#random());
    if (fate.set === null) {
      this.state.fail(reservation, null);
      return;
    }
    const job = writeJob(fate.job, this.#stampNow(), false);
    this.state.fail(reservation, { set: fate.set, job, atMs: fate.atMs });
  }

  /** Those of a list that aren't paused; null: none. */
  #open(list: QueueList): QueueList | null {
    const { queues } = this.state;
    if (!queues.arePaused) return list;
    const open = list.names.filter((name) => !queues.get(name)?.paused);
    if (open.length === list.names.length) return list;
    return open.length === 0 ? null : this.lists.read(open.join(' '));
  }

  #named(names: readonly string[]): JobQueue[] {
    if (names[0] === '*') return [...this.state.queues.all()];
    return names.map((name) => this.state.queues.get(name)).filter((queue) => queue !== undefined);
  }

  #stampNow(): Stamp {
    if (!this.#isStamped) this.#stamp.set(this.#epochUs);
    this.#isStamped = true;
    return this.#stamp;
  }
}

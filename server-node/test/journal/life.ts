// A server's life with a journal, as a list of acts on its state: what the crash model plays, and writes down as it goes.

import fc from 'fast-check';
import { queueOf } from '../../src/job-fields.ts';
import { type JobText, makeStamp, readJob, writeJob } from '../../src/job-text.ts';
import type { Fsync } from '../../src/journal/fsync.ts';
import { Storage } from '../../src/journal/storage.ts';
import type { Reservation } from '../../src/reservations.ts';
import { type SetName, State } from '../../src/state.ts';
import type { FakeDisk } from './fake-disk.ts';
import { type Picture, ReferenceLog } from './reference.ts';

/** Small, so that a few jobs fill one and cleaning has work. */
export const segmentBytes = 8192;
const queueNames = ['a', 'b', 'c'];
const setNames: SetName[] = ['scheduled', 'retries', 'dead'];
const stamp = makeStamp('2026-01-02T03:04:05Z');

export type Act =
  | { do: 'push'; queue: number; size: number }
  | { do: 'schedule'; set: number; atMs: number; size: number }
  | {
      do: 'fetch' | 'ack' | 'drop' | 'pause' | 'remove' | 'kill' | 'requeue' | 'discard' | 'clear' | 'due';
      pick: number;
    }
  | { do: 'fail'; pick: number; set: number; atMs: number }
  | { do: 'flush' | 'settle' | 'clean' | 'commit' | 'sync' };

const pick = fc.nat(1000);
const size = fc.oneof({ weight: 9, arbitrary: fc.nat(700) }, { weight: 1, arbitrary: fc.nat(20_000) });
export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('push' as const), queue: fc.nat(2), size }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('schedule' as const), set: fc.nat(2), atMs: fc.nat(50), size }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('fetch' as const, 'ack' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('fail' as const), pick, set: fc.nat(2), atMs: fc.nat(50) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('drop' as const, 'pause' as const, 'kill' as const, 'requeue' as const, 'discard' as const),
      pick,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('due' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('remove' as const, 'clear' as const), pick }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'clean' as const, 'commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sync' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
);

function makeJob(serial: number, queue: string, size: number): JobText {
  const fields = { jid: `job-${100_000 + serial}`, queue, jobtype: 't', args: ['y'.repeat(size)], retry: 3 };
  return writeJob(fields, stamp, true);
}

export class Life {
  readonly state = new State();
  readonly storage: Storage;
  readonly log: ReferenceLog;
  #reserved: Reservation[] = [];
  readonly #disk: FakeDisk;
  #jobs: number;
  #nowMs = 0;
  /** Index of the first picture that may be what the disk holds. */
  settled = 0;

  private constructor(disk: FakeDisk, storage: Storage, state: State, jobs: number) {
    this.#disk = disk;
    this.storage = storage;
    this.state = state;
    this.#jobs = jobs;
    this.log = new ReferenceLog(storage.journal, state);
    state.attach(this.log);
  }

  /**
   * Goes on with what a disk holds.
   * @param jobs how many there were before, so that each is another one
   */
  static async begin(disk: FakeDisk, fsync: Fsync, jobs = 0): Promise<Life> {
    const state = new State();
    const storage = await Storage.open({ disk, fsync, state, say: () => {}, segmentBytes });
    return new Life(disk, storage, state, jobs);
  }

  /** How it found its state. */
  get first(): Picture {
    return this.log.pictures[0]!;
  }

  /** How its disk may look, whatever became of what was under way. */
  get possible(): Picture[] {
    return this.log.pictures.slice(this.settled);
  }

  get jobs(): number {
    return this.#jobs;
  }

  async act(act: Act): Promise<void> {
    const { state, storage } = this;
    switch (act.do) {
      case 'push':
        state.enqueue(queueNames[act.queue]!, this.#make(queueNames[act.queue]!, act.size));
        break;
      case 'schedule':
        state.add(setNames[act.set]!, this.#make(queueNames[act.set]!, act.size), act.atMs);
        break;
      case 'fetch': {
        const queue = state.queues.get(queueNames[act.pick % 3]!);
        const reservation = queue && state.reserve(queue, 0);
        if (reservation) this.#reserved.push(reservation);
        break;
      }
      case 'ack':
        this.#withReserved(act.pick, (reservation) => state.acknowledge(reservation));
        break;
      case 'fail': {
        const destination = { set: setNames[act.set]!, job: this.#make('a', 30), atMs: act.atMs };
        this.#withReserved(act.pick, (reservation) => state.fail(reservation, destination));
        break;
      }
      case 'drop':
        this.#withReserved(act.pick, (reservation) => state.fail(reservation, null));
        break;
      case 'pause': {
        const queue = state.queues.get(queueNames[act.pick % 3]!);
        if (queue) state.setPaused(queue, !queue.paused);
        break;
      }
      case 'remove':
        state.removeQueue(queueNames[act.pick % 3]!);
        break;
      case 'due': {
        const due = state.takeDue('scheduled', act.pick % 50);
        if (due) state.enqueue('b', this.#make('b', 40), due.id);
        break;
      }
      case 'kill':
      case 'requeue':
      case 'discard':
        this.#mutate(act.do, setNames[act.pick % 3]!, act.pick);
        break;
      case 'clear':
        state.clearSet(setNames[act.pick % 3]!);
        break;
      case 'flush':
        state.flush();
        this.#reserved = [];
        break;
      case 'commit':
        storage.journal.commit();
        await new Promise(setImmediate);
        break;
      case 'clean':
        await this.#whileTime(storage.clean());
        break;
      case 'settle': {
        const now = this.log.pictures.length - 1;
        await this.#whileTime(storage.journal.settled());
        this.settled = now;
        break;
      }
      case 'sync':
        await storage.journal.sync().catch(() => {}); // may fail; the clock tries again
        break;
    }
  }

  /** Lets seconds go by until `work` is over. */
  async #whileTime(work: Promise<void>): Promise<void> {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    while (!isOver && !this.#disk.isDead) {
      this.#nowMs += 1000;
      this.storage.tick(this.#nowMs);
      await Promise.race([over, new Promise(setImmediate)]);
    }
    await over;
  }

  #make(queue: string, size: number): JobText {
    return makeJob(this.#jobs++, queue, size);
  }

  #withReserved(pick: number, end: (reservation: Reservation) => void): void {
    const [reservation] = this.#reserved.splice(pick % Math.max(1, this.#reserved.length), 1);
    if (reservation) end(reservation);
  }

  #mutate(what: 'kill' | 'requeue' | 'discard', set: SetName, pick: number): void {
    for (const taken of this.state.takeMatching(set, ({ text }) => text.length % 3 === pick % 3)) {
      if (what === 'kill') this.state.add('dead', taken.job, 99, taken.id);
      else if (what === 'requeue') this.state.enqueue(queueOf(readJob(taken.job.text)), taken.job, taken.id);
      else this.state.discard(taken);
    }
  }
}

// What a journal has to give back, kept in the plainest way: as the log of a state, it takes each change to the real log and
// writes down how the state is to look if that change was the last one to reach the disk.

import type { JobText } from '../../src/job-text.ts';
import { readJob } from '../../src/job-text.ts';
import type { JobQueue } from '../../src/queue.ts';
import type { Destination, SetName, State, StateLog } from '../../src/state.ts';

interface Held {
  place: string;
  /** NaN in a queue. */
  atMs: number;
  text: string;
}

/** A state in one text: queues with their jobs in order, sets in order of dates, counts. */
export type Picture = string;

function picture(
  queues: ReadonlyMap<string, { paused: boolean; jobs: string[] }>,
  sets: Record<SetName, { atMs: number; text: string }[]>,
  counts: readonly number[],
): Picture {
  const byName = [...queues].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ queues: byName, sets, counts }, null, 1);
}

/** How a state looks; it is empty afterwards. */
export function pictureOf(state: State): Picture {
  const queues = new Map<string, { paused: boolean; jobs: string[] }>();
  for (const queue of state.queues.all()) {
    const jobs = [];
    for (let job = queue.take(); job; job = queue.take()) jobs.push(job.text);
    queues.set(queue.name, { paused: queue.paused, jobs });
  }
  const drain = (set: SetName) =>
    state.sets[set].takeMatching(() => true).map(({ atMs, job }) => ({ atMs, text: job.text }));
  const sets = { scheduled: drain('scheduled'), retries: drain('retries'), dead: drain('dead') };
  return picture(queues, sets, [state.processed, state.failures]);
}

export class ReferenceLog implements StateLog {
  readonly #real: StateLog;
  readonly #held = new Map<number, Held>();
  readonly #queues = new Map<string, boolean>();
  #processed: number;
  #failures: number;
  /** After each change; the first is before any. */
  readonly pictures: Picture[] = [];

  /** Goes on from how a state is, in which nothing is reserved. */
  constructor(real: StateLog, state: State) {
    this.#real = real;
    this.#processed = state.processed;
    this.#failures = state.failures;
    for (const queue of state.queues.all()) {
      this.#queues.set(queue.name, queue.paused);
      const texts = [...queue.texts()];
      for (const [i, id] of [...queue.ids()].entries()) {
        this.#held.set(id, { place: queue.name, atMs: Number.NaN, text: texts[i]! });
      }
    }
    for (const [place, set] of Object.entries(state.sets)) {
      for (const { id, atMs, job } of set.first(set.size)) this.#held.set(id, { place, atMs, text: job.text });
    }
    this.#note(0);
  }

  refusal(job: JobText): string | null {
    return this.#real.refusal(job);
  }

  get isHeldUp(): boolean {
    return this.#real.isHeldUp;
  }

  queued(queue: JobQueue, job: JobText, replaced: number): number {
    const id = this.#real.queued(queue, job, replaced);
    this.#held.delete(replaced);
    if (!this.#queues.has(queue.name)) this.#queues.set(queue.name, queue.paused);
    this.#held.set(id, { place: queue.name, atMs: Number.NaN, text: job.text });
    return this.#note(id);
  }

  dated(set: SetName, job: JobText, atMs: number, replaced: number): number {
    const id = this.#real.dated(set, job, atMs, replaced);
    this.#held.delete(replaced);
    this.#held.set(id, { place: set, atMs, text: job.text });
    return this.#note(id);
  }

  done(id: number): void {
    this.#real.done(id);
    this.#held.delete(id);
    this.#processed++;
    this.#note(0);
  }

  failed(id: number, destination: Destination | null): number {
    const next = this.#real.failed(id, destination);
    this.#held.delete(id);
    this.#processed++;
    this.#failures++;
    if (destination) {
      const { set, job, atMs } = destination;
      this.#held.set(next, { place: set, atMs, text: job.text });
    }
    return this.#note(next);
  }

  left(id: number): void {
    this.#real.left(id);
    this.#held.delete(id);
    this.#note(0);
  }

  paused(queue: JobQueue, paused: boolean): void {
    this.#real.paused(queue, paused);
    this.#queues.set(queue.name, paused);
    this.#note(0);
  }

  removed(queue: JobQueue): void {
    // Some records: its jobs one after the other, then the queue.
    const ids = [...queue.ids()];
    this.#real.removed(queue);
    for (const id of ids) {
      this.#held.delete(id);
      this.#note(0);
    }
    this.#queues.delete(queue.name);
    this.#note(0);
  }

  flushed(): void {
    this.#real.flushed();
    this.#held.clear();
    this.#queues.clear();
    this.#processed = 0;
    this.#failures = 0;
    this.#note(0);
  }

  #note(id: number): number {
    const queues = new Map([...this.#queues].map(([name, paused]) => [name, { paused, jobs: [] as string[] }]));
    const sets: Record<SetName, { atMs: number; text: string }[]> = { scheduled: [], retries: [], dead: [] };
    for (const [, { place, atMs, text }] of [...this.#held].sort(([a], [b]) => a - b)) {
      if (!Number.isNaN(atMs)) {
        sets[place as SetName].push({ atMs, text });
        continue;
      }
      // One whose queue was removed while it was reserved goes where it says.
      const name = this.#queues.has(place) ? place : (readJob(text).queue ?? 'default');
      const queue = queues.get(name) ?? { paused: false, jobs: [] };
      queue.jobs.push(text);
      queues.set(name, queue);
    }
    for (const set of Object.values(sets)) set.sort((a, b) => a.atMs - b.atMs);
    this.pictures.push(picture(queues, sets, [this.#processed, this.#failures]));
    return id;
  }
}

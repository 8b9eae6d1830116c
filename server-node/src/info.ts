// What the server says about itself: the INFO document, and the shorter one of /health. Names and shapes are Faktory's.

import type { StorageInfo } from './journal/storage.ts';
import type { State } from './state.ts';
import type { Workers } from './workers.ts';

/** The Faktory version that clients are told, since some of them look at it. */
const faktoryVersion = '1.10.0';

/** Work that goes on by the clock, one per set. */
export interface TaskTally {
  /** Rounds in which it did something. */
  cycles: number;
  /** Jobs moved or dropped. */
  enqueued: number;
  wallTimeS: number;
}

/** What the wire side counts. */
export interface Traffic {
  /** Connections that are past their HELLO. */
  connections: number;
  /** Commands run, HELLO and unknown verbs left out. */
  commands: number;
}

/** Everything that INFO reports on. */
export interface Vitals {
  state: State;
  workers: Workers;
  traffic: Traffic;
  tasks: Readonly<Record<'scheduled' | 'retries' | 'dead', TaskTally>>;
  /** Reservations ended by their expiry, ever. */
  expiredReservations: number;
  uptimeMs: number;
  /** Wall clock, as text. */
  now: string;
  /** null: jobs are in memory only. */
  storage: StorageInfo | null;
}

export interface HealthDocument {
  now: string;
  server: { description: string; faktory_version: string; connections: number; command_count: number };
}

const taskDocument = (tally: TaskTally, size: number) => ({
  cycles: tally.cycles,
  enqueued: tally.enqueued,
  size,
  wall_time_sec: tally.wallTimeS,
});

export function infoDocument(vitals: Vitals) {
  const { state, workers, traffic, tasks } = vitals;
  // No prototype: a queue may be called __proto__.
  const queues: Record<string, number> = Object.create(null);
  let enqueued = 0;
  for (const queue of state.queues.all()) {
    queues[queue.name] = queue.size;
    enqueued += queue.size;
  }
  const sizes = { dead: state.sets.dead.size, retries: state.sets.retries.size, scheduled: state.sets.scheduled.size };
  return {
    now: vitals.now,
    server_utc_time: `${vitals.now.slice(11, 19)} UTC`,
    faktory: {
      queues,
      sets: { ...sizes, working: state.reservations.size },
      tasks: {
        Busy: { reaped: vitals.expiredReservations, size: state.reservations.size },
        Dead: taskDocument(tasks.dead, sizes.dead),
        Retries: taskDocument(tasks.retries, sizes.retries),
        Scheduled: taskDocument(tasks.scheduled, sizes.scheduled),
        Workers: { reaped: workers.reaped, size: workers.size },
      },
      total_failures: state.failures,
      total_processed: state.processed,
      total_enqueued: enqueued,
      total_queues: state.queues.count,
    },
    server: {
      description: 'Faktory',
      faktory_version: faktoryVersion,
      uptime: Math.floor(vitals.uptimeMs / 1000),
      connections: traffic.connections,
      command_count: traffic.commands,
      used_memory_mb: Math.round(process.memoryUsage.rss() / 1_000_000),
      // Real Faktory has no such field; it is there only where there is a journal.
      ...(vitals.storage ? { journal: vitals.storage } : {}),
    },
  };
}

export type InfoDocument = ReturnType<typeof infoDocument>;

export function healthDocument({ now, traffic }: Pick<Vitals, 'now' | 'traffic'>): HealthDocument {
  return {
    now,
    server: {
      description: 'Faktory',
      faktory_version: faktoryVersion,
      connections: traffic.connections,
      command_count: traffic.commands,
    },
  };
}

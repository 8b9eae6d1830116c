// What parts tell of settings that changed between two readings, a phrase each, for the markers in plots. Pure. A worker whose processes
// came or went is passed over as to its slots: those are told by themselves, and its slots move with them.

import type { WorkerReading } from './usage-readings.ts';

interface Told {
  workers: ReadonlyMap<string, Pick<WorkerReading, 'view'>>;
  apiHost: string | null;
  /** Of the api-service, as it answered last when somebody changed them; null: nobody has. */
  apiSettings?: object | null;
}

interface Worker {
  host: string;
  ids: string[];
  slots: number;
  /** As one of its processes answered last; null: nobody has asked. */
  settings: object | null;
}

function workersOf({ workers }: Told): Map<string, Worker> {
  const groups = new Map<string, Worker>();
  for (const [id, { view }] of workers) {
    const { group, host } = view.hello;
    const worker = groups.get(group) ?? { host, ids: [], slots: 0, settings: null };
    worker.ids.push(id);
    worker.slots += view.state.slots.total;
    worker.settings ??= view.settings ?? null;
    groups.set(group, worker);
  }
  return groups;
}

/** What moves with the slots of each process is told by these. */
const workerNames: Readonly<Record<string, string>> = {
  queues: 'queues',
  queueSlots: 'queue slots',
  rateLimit: 'rate limit',
  prefetch: 'prefetch',
};

const batchNames: Readonly<Record<string, string>> = {
  batchMaxSize: 'BATCH_MAX_SIZE',
  batchMaxDelayMs: 'BATCH_MAX_DELAY_MS',
  batchAuto: 'BATCH_AUTO_ENABLED',
  batchAdaptive: 'adaptive batches',
};

/** Of what is told by name; what was not known before is passed over, unless `evenNew`. */
function changesOf(
  before: object | null | undefined,
  after: object | null | undefined,
  names: Readonly<Record<string, string>>,
  evenNew = false,
): string[] {
  const changes: string[] = [];
  for (const [name, value] of Object.entries(after ?? {})) {
    const was = (before as Record<string, unknown> | null | undefined)?.[name];
    if (!names[name] || String(was) === String(value) || (was === undefined && !evenNew)) continue;
    changes.push(`${names[name]} ${was === undefined ? '' : `${textOf(was)} → `}${textOf(value)}`);
  }
  return changes;
}

const textOf = (value: unknown) => (String(value) === '' ? 'none' : String(value));

export function settingChanges(before: Told, after: Told): string[] {
  const changes: string[] = [];
  const known = workersOf(before);
  for (const [group, { host, ids, slots, settings }] of workersOf(after)) {
    const was = known.get(group);
    if (!was) continue;
    if (was.slots !== slots && was.ids.join() === ids.join())
      changes.push(`worker on ${host}: ${was.slots} → ${slots} slots`);
    changes.push(...changesOf(was.settings, settings, workerNames).map((each) => `worker on ${host}: ${each}`));
  }
  const batches = changesOf(before.apiSettings, after.apiSettings, batchNames, true);
  return [...changes, ...batches.map((each) => `api-service on ${after.apiHost}: ${each}`)];
}

// What parts tell of settings that changed between two readings, a phrase each, for the markers in plots. Pure. A worker whose processes
// came or went is passed over: those are told by themselves, and its slots move with them.

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
}

function workersOf({ workers }: Told): Map<string, Worker> {
  const groups = new Map<string, Worker>();
  for (const [id, { view }] of workers) {
    const { group, host } = view.hello;
    const worker = groups.get(group) ?? { host, ids: [], slots: 0 };
    worker.ids.push(id);
    worker.slots += view.state.slots.total;
    groups.set(group, worker);
  }
  return groups;
}

const names: Readonly<Record<string, string>> = {
  batchMaxSize: 'BATCH_MAX_SIZE',
  batchMaxDelayMs: 'BATCH_MAX_DELAY_MS',
  batchAuto: 'BATCH_AUTO_ENABLED',
  batchAdaptive: 'adaptive batches',
};

export function settingChanges(before: Told, after: Told): string[] {
  const changes: string[] = [];
  const known = workersOf(before);
  for (const [group, { host, ids, slots }] of workersOf(after)) {
    const was = known.get(group);
    if (!was || was.slots === slots || was.ids.join() !== ids.join()) continue;
    changes.push(`worker on ${host}: ${was.slots} → ${slots} slots`);
  }
  for (const [name, value] of Object.entries(after.apiSettings ?? {})) {
    const was = (before.apiSettings as Record<string, unknown> | null | undefined)?.[name];
    if (was === value || !names[name]) continue;
    const from = was === undefined ? '' : `${was} → `;
    changes.push(`api-service on ${after.apiHost}: ${names[name]} ${from}${value}`);
  }
  return changes;
}

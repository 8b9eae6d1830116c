// What workers do right now, out of two looks at the control room: one row a worker, its processes added up. Pure.

import type { WorkerView } from '@jobstorm/dashboard';
import { bytes, rate, table, whole } from './format.ts';
import { capOf, periodsBetween } from './parts-measured.ts';

export interface WorkerRow {
  host: string;
  pids: number[];
  /** Jobs a second; null: no two snapshots to tell by. */
  completedPerS: number | null;
  failedPerS: number | null;
  running: number;
  slots: number;
  connections: number;
  /** Of the job server: processes that are not registered with it do nothing. */
  disconnected: number;
  /** null: no two snapshots to tell by. */
  usedCores: number | null;
  /** Usable: the cap or, where that is less, the quota of its control groups. null: neither. */
  capCores: number | null;
  /** Of the scheduler's periods, those in which the quota held it back; null: no quota, or no two snapshots. */
  throttledShare: number | null;
  rssBytes: number;
}

interface Pace {
  completedPerS: number;
  failedPerS: number;
  usedCores: number;
}

/** null: it was not there before, or has not told anything new. */
function paceOf(before: WorkerView | undefined, after: WorkerView): Pace | null {
  if (!before) return null;
  const s = (after.state.sentAtUs - before.state.sentAtUs) / 1e6;
  if (!(s > 0)) return null;
  const { totals, usage } = before.state;
  return {
    completedPerS: (after.state.totals.completed - totals.completed) / s,
    failedPerS: (after.state.totals.failed - totals.failed) / s,
    usedCores: (after.state.usage.cpuUs - usage.cpuUs) / 1e6 / s,
  };
}

function rowOf(views: readonly WorkerView[], before: ReadonlyMap<string, WorkerView>): WorkerRow {
  const { host } = views[0]!.hello;
  const paces = views.map((view) => paceOf(before.get(view.id), view)).filter((pace) => pace !== null);
  const add = (of: (pace: Pace) => number) =>
    paces.length === 0 ? null : paces.reduce((total, pace) => total + of(pace), 0);
  const sum = (of: (state: WorkerView['state']) => number) => views.reduce((total, { state }) => total + of(state), 0);
  return {
    host,
    pids: views.map(({ hello }) => hello.pid),
    completedPerS: add((pace) => pace.completedPerS),
    failedPerS: add((pace) => pace.failedPerS),
    running: sum(({ slots }) => slots.running),
    slots: sum(({ slots }) => slots.total),
    connections: sum(({ connections }) => connections),
    disconnected: sum(({ connected }) => (connected ? 0 : 1)),
    usedCores: add((pace) => pace.usedCores),
    capCores: capOf(views),
    throttledShare: throttledOf(views, before),
    rssBytes: sum(({ usage }) => usage.rssBytes),
  };
}

/** Its processes share a control group: one of them is enough. */
function throttledOf(views: readonly WorkerView[], before: ReadonlyMap<string, WorkerView>): number | null {
  for (const view of views) {
    const own = periodsBetween(before.get(view.id), view);
    if (own && own.periods > 0) return own.throttled / own.periods;
  }
  return null;
}

/** By host, then by the first process: the order stays from look to look. */
export function workerRows(before: readonly WorkerView[], after: readonly WorkerView[]): WorkerRow[] {
  const earlier = new Map(before.map((view) => [view.id, view]));
  const groups = new Map<string, WorkerView[]>();
  for (const view of after) {
    const { host, group } = view.hello;
    const key = `${host} ${group}`;
    groups.set(key, [...(groups.get(key) ?? []), view]);
  }
  const rows = [...groups.values()].map((views) => rowOf(views, earlier));
  return rows.sort((a, b) => a.host.localeCompare(b.host) || a.pids[0]! - b.pids[0]!);
}

const or = (value: number | null, show: (value: number) => string) => (value === null ? '-' : show(value));

function cells(name: string, row: Omit<WorkerRow, 'host' | 'pids'>): string[] {
  const { usedCores, capCores } = row;
  const share = usedCores === null || capCores === null ? null : (usedCores / capCores) * 100;
  return [
    name,
    or(row.completedPerS, rate),
    or(row.failedPerS, rate),
    `${whole(row.running)}/${whole(row.slots)}`,
    row.disconnected > 0 ? `${whole(row.connections)} (${row.disconnected} away)` : whole(row.connections),
    or(usedCores, (cores) => cores.toFixed(2)),
    or(capCores, (cores) => String(cores)),
    or(share, whole),
    or(row.throttledShare, (throttled) => `${whole(throttled * 100)}%`),
    bytes(row.rssBytes),
  ];
}

/** Nothing that is not known of one counts as 0 in a sum. */
function sumOf(rows: readonly WorkerRow[], of: (row: WorkerRow) => number | null): number | null {
  let sum = 0;
  for (const row of rows) {
    const value = of(row);
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

function totalOf(rows: readonly WorkerRow[]): Omit<WorkerRow, 'host' | 'pids'> {
  return {
    completedPerS: sumOf(rows, (row) => row.completedPerS),
    failedPerS: sumOf(rows, (row) => row.failedPerS),
    running: sumOf(rows, (row) => row.running)!,
    slots: sumOf(rows, (row) => row.slots)!,
    connections: sumOf(rows, (row) => row.connections)!,
    disconnected: sumOf(rows, (row) => row.disconnected)!,
    usedCores: sumOf(rows, (row) => row.usedCores),
    capCores: sumOf(rows, (row) => row.capCores),
    throttledShare: null,
    rssBytes: sumOf(rows, (row) => row.rssBytes)!,
  };
}

/** Lines of the table, its head first; with several workers their sum last. */
export function workerTable(rows: readonly WorkerRow[]): string[] {
  const head = [
    'worker',
    'completed',
    'failed',
    'slots busy',
    'connections',
    'cores',
    'of',
    '%',
    'throttled',
    'memory',
  ];
  const lines = rows.map((row) => {
    const [pid, ...more] = row.pids;
    return cells(`${row.host} pid ${pid}${more.length > 0 ? ` +${more.length}` : ''}`, row);
  });
  return table([head, ...lines, ...(rows.length > 1 ? [cells('all', totalOf(rows))] : [])]);
}

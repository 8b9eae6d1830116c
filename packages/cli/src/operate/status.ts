// `jobstorm status`: this checkout's parts on this host, as a table.

import { ExitCode } from '@jobstorm/program';
import { readCurrent } from '../current.ts';
import { seconds } from '../format.ts';
import { engineSettings, statusHelp } from './config.ts';
import type { PartStatus } from './engine.ts';
import { openEngines } from './open-engine.ts';
import { type Operation, operate } from './operation.ts';

/** 3 min 20 s, 5 h 10 min, 3 d 4 h. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return seconds(Math.round(ms / 1000)).replace(/\.\d+/, '');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** As a job goes through them; parts of another name come last. */
const order = ['faktory', 'server', 'api', 'dashboard', 'docker-stats', 'worker'];
const place = ({ part }: PartStatus) => (order.includes(part) ? order.indexOf(part) : order.length);

/** Columns to the left, for people. */
export function statusTable(parts: readonly PartStatus[], nowMs: number): string[] {
  const sorted = parts.toSorted((a, b) => place(a) - place(b));
  const rows = sorted.map(({ part, name, state, health, since, address }) => [
    part,
    health === null ? state : `${state}, ${health}`,
    since === null ? '-' : age(Math.max(0, nowMs - Date.parse(since))),
    address ?? '-',
    name,
  ]);
  const all = [['part', 'state', 'for', 'address', 'name'], ...rows];
  const widths = all[0]!.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  return all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
}

async function work({ values, dir, env, live, terminal }: Operation<typeof engineSettings>): Promise<number> {
  const engines = await openEngines({ asked: values.engine, dir, env, live });
  const parts = (await Promise.all(engines.map((engine) => engine.status()))).flat();
  const current = readCurrent(dir);
  if (current)
    live.say(`cluster: ${current.url}, ${current.by === 'server' ? 'started here' : 'joined by the worker here'}`);
  if (parts.length === 0) {
    live.say('nothing of this checkout runs here: `just server` starts a server, `just worker` a worker');
    return ExitCode.good;
  }
  const [head, ...rows] = statusTable(parts, Date.now());
  live.say(terminal.dim(head!));
  for (const row of rows) live.say(row);
  return ExitCode.good;
}

/** Runs it from its arguments to its exit code. Never throws. */
export function status(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'status', help: statusHelp, table: engineSettings, work });
}
